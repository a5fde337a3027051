"""What a function has done that should only read."""

from __future__ import annotations

import socket

from helpers.exercises.stage import Stage


def unasked(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    """Note what the peer has got, of a function that should only read."""
    if not stage.is_over or sock.fileno() < 0:
        return
    came, ending = stage.read(peer)
    if came:
        stage.note("the peer received", came)
    if ending == "the end":
        stage.note("the peer saw", ending)
