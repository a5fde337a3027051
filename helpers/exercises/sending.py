"""A function that sends much: the pair of sockets it works with, and what it has done.

Rules of this file:

- The buffers are small, so that the system has no room long before all is sent.
- A count of bytes is not the same in every run, so what was returned is noted in words.
"""

from __future__ import annotations

import socket

from helpers.exercises.arrivals import ALL, behind
from helpers.exercises.stage import Stage
from helpers.record.record import record

RECEIVE_BUFFER, SEND_BUFFER = 262144, 65536
"""Bytes that the two ends ask for: with these, 2 MB are much more than the system takes. With a
smaller receive buffer the window closes, and Linux opens it again only after a while."""

MUCH = 3 * 1024 * 1024
"""Bytes of memory: more than any right program needs, and less than the 5 MB of the data."""

ARRIVED = "what arrived"

SENDING = frozenset({"send", "sendall", "sendto", "sendmsg"})
"""The calls that send."""


def pair(stage: Stage, timeout: float | None) -> tuple[socket.socket, socket.socket]:
    """A peer with a small receive buffer, and `sock` with a small send buffer."""
    peer, sock = stage.pair(RECEIVE_BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    # Small pieces must not wait for an acknowledgement that comes late (RFC 9293, 3.7.4).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.settimeout(timeout)
    return peer, sock


def waits_for_room() -> bool:
    """Whether a send waits: what the system has room for is full."""
    waits = [state.wait for state in list(record.actors.active)]
    return any(wait is not None and wait.write for wait in waits)


def note_behind(stage: Stage, peer: socket.socket) -> None:
    if stage.facts.get(ARRIVED) == ALL:
        stage.note("what came after it", behind(stage, peer))


def note_result(stage: Stage, right: int | None) -> None:
    """What it returned, in words: a count of bytes is not the same in every run."""
    if "returned" not in stage.facts:
        return
    del stage.facts["returned"]
    value = stage.value
    if value == right and type(value) is type(right):
        found = "None" if right is None else "the number of bytes"
    elif type(value) is int:
        found = "a number" if right is None else "another number"
    else:
        found = "None" if value is None else f"a value of type {type(value).__name__}"
    stage.note("its result", found)


def memory(stage: Stage, whole: str) -> str:
    return f"most of {whole}" if stage.peak > MUCH else "little"


def note_socket(stage: Stage, sock: socket.socket, timeout: float | None) -> None:
    """Whether it left the socket as it was."""
    stage.note("the socket", "open" if sock.fileno() >= 0 else "closed")
    kept = sock.gettimeout() == timeout
    stage.note("its blocking mode and timeout", "as before" if kept else "changed")
