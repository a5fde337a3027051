"""What a function has done that should only read."""

from __future__ import annotations

import socket

from helpers.exercises.stage import Stage


def unasked(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    """What the peer has got, of a function that should only read."""
    if not stage.is_over or sock.fileno() < 0:
        return
    came, ending = stage.read(peer)
    if came:
        stage.fact("peer.received", came)
    if ending == "end":
        stage.fact("peer.saw", ending)
