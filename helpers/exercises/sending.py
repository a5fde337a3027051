"""A function that sends much: the pair of sockets it works with, and what it has done.

Rules of this file:

- The buffers are small, so that the system has no room long before all is sent.
- A count of bytes is not the same in every run, so what was returned is told by a key.
"""

from __future__ import annotations

import socket
from typing import Any

from helpers.exercises.arrivals import ALL, behind
from helpers.exercises.memory import Memory
from helpers.exercises.stage import Stage
from helpers.exercises.values import OfType, waits_as
from helpers.record.record import record

RECEIVE_BUFFER, SEND_BUFFER = 262144, 65536
"""Bytes that the two ends ask for: with these, 2 MB are much more than the system takes. With a
smaller receive buffer the window closes, and Linux opens it again only after a while."""

MUCH = 3 * 1024 * 1024
"""Bytes of memory: more than any right program needs, and less than the 5 MB of the data."""

ARRIVED = "arrived"

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


def tell_end(stage: Stage, peer: socket.socket, data: bytes) -> None:
    """What came when all of the data had arrived."""
    if stage.facts.get(ARRIVED) == ALL:
        stage.fact("came_after", behind(stage, peer, data))


def tell_result(stage: Stage, right: int | None) -> None:
    """What it returned: the number that is right, or another one."""
    if "returned" not in stage.facts:
        return
    del stage.facts["returned"]
    value = stage.run.value
    if value == right and type(value) is type(right):
        found: Any = "none" if right is None else "byte_count"
    elif type(value) is int:
        found = "a_number" if right is None else "another_number"
    else:
        found = "none" if value is None else OfType(type(value).__name__)
    stage.fact("result", found)


def amount(memory: Memory) -> str:
    """Whether it needed as much memory as the data has, or little."""
    return "as_much" if memory.peak > MUCH else "little"


def tell_socket(stage: Stage, sock: socket.socket, timeout: float | None) -> None:
    """Whether it left the socket as it was."""
    stage.fact("socket", "open" if sock.fileno() >= 0 else "closed")
    kept = sock.gettimeout() == timeout and waits_as(sock, timeout)
    stage.fact("blocking_mode", "as_before" if kept else "changed")
