"""What a function has done that should only read."""

from __future__ import annotations

import socket
from contextlib import suppress

from helpers.exercises.stage import Stage
from helpers.exercises.threads import LOOK_EVERY
from helpers.exercises.traffic import readable
from helpers.exercises.values import socket_state
from helpers.record.model import info_of
from helpers.record.record import record
from helpers.record.waiting import QUIET_TIME


def left_in(stage: Stage, sock: socket.socket) -> None:
    """What it has left in the stream, and whether it left the socket open."""
    if not (stage.run.is_started and stage.run.is_over):
        return
    info = info_of(sock)
    came = b""
    state = "closed"
    if sock.fileno() >= 0 and info is not None and info.endpoint is not None:
        state = socket_state(sock)
        sock.settimeout(0)
        incoming = info.endpoint.incoming
        with suppress(OSError):
            while incoming.in_flight and _comes(sock):
                received = sock.recv(65536)
                if not received:
                    break
                came += received
    stage.fact("left_in_stream", came)
    stage.fact("socket", state)


def _comes(sock: socket.socket) -> bool:
    return record.waiting.watch(readable(sock), QUIET_TIME, LOOK_EVERY)


def unasked(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    """What the peer has got of it."""
    if not stage.run.is_over or sock.fileno() < 0:
        return
    came, ending = stage.read(peer)
    if came:
        stage.fact("peer.received", came)
    if ending == "end":
        stage.fact("peer.saw", ending)
