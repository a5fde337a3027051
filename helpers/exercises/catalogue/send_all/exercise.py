"""send_all: send() alone, until all is handed over."""

from __future__ import annotations

import functools
import socket

from helpers import peers
from helpers.exercises import returned, sending
from helpers.exercises.arrivals import ALL, behind, compare, drain
from helpers.exercises.memory import measured
from helpers.exercises.run import SLEEPS
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_sends
from helpers.exercises.sleeping import sleepers
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted
from helpers.record.socket_info import info_of

TIMEOUT = 30.0
"""Seconds, as any caller may have set them: more than a check takes."""

MUCH = 5_000
"""Bytes after the short sends."""

TRIES = 30
"""Calls that found no room, after which a loop is taken for one that does not wait."""

TRIES_AT_REST = 5
"""So many of them a program may make that waits, while the system still moves bytes."""


@functools.cache
def _letter(megabytes: int) -> bytes:
    """A text in which no two lines are the same."""
    return b"".join(b"%7d\n" % number for number in range(megabytes * 125_000))


def _would_block_count(sock: socket.socket) -> int:
    """How often a call with the socket found no room."""
    info = info_of(sock)
    return info.endpoint.would_block_count if info is not None and info.endpoint is not None else 0


def _sleeps(sock: socket.socket) -> bool:
    """Whether it found no room, and waits for a time now, and not for room."""
    return _would_block_count(sock) > 0 and bool(sleepers.seconds)


def _send_all(stage: Stage, timeout: float | None, pauses: bool = True) -> None:
    """The peer reads nothing until there is no room left; if it `pauses`, it does so for long."""
    data = _letter(2)
    peer, sock = sending.pair(stage, timeout)
    stage.start(sock, data)
    stage.settle(
        unless=lambda: _would_block_count(sock) > TRIES or sending.waits_for_room() or _sleeps(sock)
    )
    if _sleeps(sock):
        run = stage.run
        run.ended, run.computes = SLEEPS, True  # a loop: it is interrupted without a delay
        stage.fact("ended", run.ended)
        return
    if pauses and _would_block_count(sock) <= TRIES:
        stage.let_time_pass()
    stage.fact(sending.ARRIVED, compare(stage, peer, data))
    stage.finish()
    sending.tell_result(stage, None)
    sending.tell_end(stage, peer, data)
    used = sorted({call.call for call in stage.run.calls} & sending.SENDING)
    stage.fact("sending_calls", Quoted(", ".join(used)) if used else "no_calls")
    sending.tell_socket(stage, sock, timeout)


def _with_a_timeout(stage: Stage) -> None:
    """First few pieces, as the buffers have it. Then send() takes one byte, a thousand times."""
    _send_all(stage, TIMEOUT, pauses=False)
    if stage.facts.items() <= _ALL_SENT.items():
        data = _letter(2)[: MANY + MUCH]
        peer, sock = sending.pair(stage, TIMEOUT)
        with short_sends(sock):
            stage.run.start_again(sock, data)
            stage.fact("of_many", compare(stage, peer, data))
            stage.finish()
        sending.tell_result(stage, None)


_ALL_SENT = {
    "ended": "returned",
    "result": "none",
    sending.ARRIVED: ALL,
    "came_after": "nothing_more",
    "sending_calls": Quoted("send"),
    "socket": "open",
    "blocking_mode": "as_before",
}

_TIME_IS_UP = {
    "ended": "raised TimeoutError",
    sending.ARRIVED: "beginning",
    "sending_calls": Quoted("send"),
    "socket": "open",
    "blocking_mode": "as_before",
}


def _no_data(stage: Stage) -> None:
    """There is nothing to send. Whether it asks send() to take nothing is its own affair.

    Then one byte is to be sent: the last one of all data is as good as the others.
    """
    peer, sock = sending.pair(stage, 0.0)
    stage.start(sock, b"")
    stage.finish()
    sending.tell_result(stage, None)
    stage.fact("peer_got", behind(stage, peer))
    if stage.facts["peer_got"] == "nothing_more" and stage.run.start_again(sock, b"!"):
        stage.finish()
        sending.tell_result(stage, None)
        stage.fact("of_one", compare(stage, peer, b"!"))
    sending.tell_socket(stage, sock, 0.0)


def _all_broken(stage: Stage) -> None:
    """The peer reads a little, and breaks off when there is no room again."""
    data = bytearray(_letter(5))  # of bytes, bytes() makes no copy
    peer, sock = sending.pair(stage, 0.0)
    with measured() as memory:
        stage.start(sock, data)
        stage.settle(unless=lambda: _would_block_count(sock) > TRIES)
        waits = stage.rested or _would_block_count(sock) <= TRIES_AT_REST
        drain(stage, peer, 1_000_000)
        stage.settle(unless=lambda: not waits)
    stage.fact("when_full", "waits" if waits else "retries")
    if waits:
        stage.fact("memory", sending.amount(memory))
    peers.reset(peer, stage)
    stage.finish()
    returned.tell_broken(stage)
    sending.tell_socket(stage, sock, 0.0)


def _closes(stage: Stage) -> None:
    """The peer ends its side first: then a break is another error, BrokenPipeError."""
    peer, sock = sending.pair(stage, 0.0)
    peers.half_close(peer, stage)
    stage.start(sock, _letter(5))
    stage.settle(unless=lambda: _would_block_count(sock) > TRIES)
    peers.reset(peer, stage)
    stage.finish()
    returned.tell_broken(stage)


SCENARIOS = (
    Scenario("not blocking", lambda stage: _send_all(stage, 0.0), _ALL_SENT),
    Scenario("with a timeout", _with_a_timeout, {**_ALL_SENT, "of_many": ALL}),
    Scenario(
        "no data",
        _no_data,
        {
            "ended": "returned",
            "result": "none",
            "peer_got": "nothing_more",
            "of_one": ALL,
            "socket": "open",
            "blocking_mode": "as_before",
        },
    ),
    Scenario(
        "breaks off",
        _all_broken,
        {
            "ended": "raised ConnectionError",
            "when_full": "waits",
            "memory": "little",
            "socket": "open",
            "blocking_mode": "as_before",
        },
    ),
    Scenario("ends its side and breaks off", _closes, {"ended": "raised ConnectionError"}),
    Scenario(
        "the time is up",
        lambda stage: _send_all(stage, TIMEOUT),
        _TIME_IS_UP,
        also=(_ALL_SENT,),
    ),
)
