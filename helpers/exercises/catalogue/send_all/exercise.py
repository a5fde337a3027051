"""send_all: send() alone, until all is handed over."""

from __future__ import annotations

import functools
import socket

from helpers import peers
from helpers.exercises import returned, sending
from helpers.exercises.arrivals import ALL, behind, compare, drain
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.model import info_of

TIMEOUT = 30.0
"""Seconds, as any caller may have set them: more than a check takes."""

TRIES = 100
"""Calls that found no room, after which a loop is taken for one that does not wait."""

TRIES_AT_REST = 5
"""So many of them a program may make that waits, while the system still moves bytes."""


@functools.cache
def _letter(megabytes: int) -> bytes:
    """A text in which no two lines are the same."""
    return b"".join(b"%7d\n" % number for number in range(megabytes * 125_000))


def _tries_in_vain(sock: socket.socket) -> int:
    """How often a call with the socket found no room."""
    info = info_of(sock)
    return info.endpoint.would_block_count if info is not None and info.endpoint is not None else 0


def _send_all(stage: Stage, timeout: float | None) -> None:
    """The peer reads nothing until there is no room left."""
    data = _letter(2)
    peer, sock = sending.pair(stage, timeout)
    stage.start(sock, data)
    stage.settle(unless=lambda: _tries_in_vain(sock) > TRIES or sending.waits_for_room())
    stage.note(sending.ARRIVED, compare(stage, peer, data))
    stage.finish()
    sending.note_result(stage, None)
    sending.note_behind(stage, peer)
    used = sorted({call.call for call in stage.calls} & sending.SENDING)
    stage.note("calls with which it sends", ", ".join(used) or "none")
    sending.note_socket(stage, sock, timeout)


_ALL_SENT = {
    "ended": "returned",
    "its result": "None",
    sending.ARRIVED: ALL,
    "what came after it": "nothing more",
    "calls with which it sends": "send",
    "the socket": "open",
    "its blocking mode and timeout": "as before",
}


def _no_data(stage: Stage) -> None:
    """There is nothing to send. Whether it asks send() to take nothing is its own affair."""
    peer, sock = sending.pair(stage, 0.0)
    stage.start(sock, b"")
    stage.finish()
    sending.note_result(stage, None)
    stage.note("what the peer got", behind(stage, peer))
    sending.note_socket(stage, sock, 0.0)


def _all_broken(stage: Stage) -> None:
    """The peer reads a little, and breaks off when there is no room again."""
    data = _letter(5)
    peer, sock = sending.pair(stage, 0.0)
    with stage.measured():
        stage.start(sock, data)
        stage.settle(unless=lambda: _tries_in_vain(sock) > TRIES)
        waits = stage.rested or _tries_in_vain(sock) <= TRIES_AT_REST
        drain(stage, peer, 1_000_000)
        stage.settle(unless=lambda: not waits)
    stage.note(
        "when there is no room", "it waits for room" if waits else "it tries again and again"
    )
    if waits:
        stage.note("memory that it needed besides data", sending.memory(stage, "data once more"))
    peers.reset(peer, stage)
    stage.finish()
    returned.fails_alike(stage)


SCENARIOS = (
    Scenario("not blocking", lambda stage: _send_all(stage, 0.0), _ALL_SENT),
    Scenario("with a timeout", lambda stage: _send_all(stage, TIMEOUT), _ALL_SENT),
    Scenario(
        "no data",
        _no_data,
        {
            "ended": "returned",
            "its result": "None",
            "what the peer got": "nothing more",
            "the socket": "open",
            "its blocking mode and timeout": "as before",
        },
    ),
    Scenario(
        "breaks off",
        _all_broken,
        {
            "ended": "raised ConnectionError",
            "when there is no room": "it waits for room",
            "memory that it needed besides data": "little",
        },
    ),
)
