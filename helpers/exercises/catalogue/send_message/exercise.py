"""send_message: four bytes of length, and the message."""

from __future__ import annotations

import functools
import socket
import struct
from array import array
from typing import Any

from helpers import peers
from helpers.exercises import returned, sending
from helpers.exercises.arrivals import ALL, compare
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_sends
from helpers.exercises.stage import Stage
from helpers.exercises.values import socket_state

MESSAGE = b" \0Hi,\xff\r\n\t"
"""At both ends stand bytes that are easily lost."""

ITEMS = array("H", [0x4141, 0x4242, 0x4343])
"""Three items of two bytes, the same on every processor."""

TEXT = "안녕"

TIMEOUT = 30.0
"""Seconds, as any caller may have set them: more than a check takes."""


def framed(data: bytes) -> bytes:
    """The message as it stands in the stream."""
    return struct.pack("!I", len(data)) + data


@functools.cache
def _letter(size: int) -> bytes:
    """A text of at least so many bytes, in which no two lines are the same."""
    return b"".join(b"%7d\n" % number for number in range(size // 8 + 1))


def _message(stage: Stage, data: Any) -> None:
    """The peer reads what comes."""
    peer, sock = stage.pair()
    stage.start(sock, data)
    came, ending = stage.read(peer)
    _finish(stage, sock)
    stage.fact("peer.received", came)
    if ending != "nothing_more":
        stage.fact("peer.saw", ending)


def _finish(stage: Stage, sock: socket.socket, timeout: float | None = None) -> None:
    """How it ended. What it has returned is its own affair: nobody has asked for it."""
    stage.finish()
    stage.facts.pop("returned", None)
    if timeout is None:
        stage.fact("socket", socket_state(sock))
    else:
        sending.tell_socket(stage, sock, timeout)


def _long(stage: Stage) -> None:
    """The peer reads nothing until there is no room left, and pauses. Then send() takes one byte,
    a thousand times."""
    data = _letter(2_000_000)
    peer, sock = sending.pair(stage, None)
    stage.start(sock, data)
    stage.settle(unless=sending.waits_for_room)
    stage.let_time_pass()
    stage.fact(sending.ARRIVED, compare(stage, peer, framed(data)))
    _finish(stage, sock)
    sending.tell_end(stage, peer, data)
    if stage.facts.items() <= _LONG.items():
        data = _letter(2 * MANY)
        peer, sock = sending.pair(stage, TIMEOUT)
        with short_sends(sock):
            stage.run.start_again(sock, data)
            stage.fact("of_many", compare(stage, peer, framed(data)))
            _finish(stage, sock, TIMEOUT)


def _never_reads(stage: Stage, timeout: float | None) -> socket.socket:
    """The peer reads nothing; who has a limit sees it pass. `sock` for the function."""
    peer, sock = sending.pair(stage, timeout)
    stage.start(sock, _letter(2_000_000))
    stage.settle(unless=sending.waits_for_room)
    if timeout is None:
        peers.reset(peer, stage)
    else:
        stage.let_time_pass()
    return sock


def _breaks_off(stage: Stage) -> None:
    sock = _never_reads(stage, None)
    _finish(stage, sock)
    returned.tell_broken(stage)


def _time_is_up(stage: Stage) -> None:
    sock = _never_reads(stage, TIMEOUT)
    _finish(stage, sock, TIMEOUT)


def _sent(data: bytes) -> dict[str, Any]:
    return {"ended": "returned", "peer.received": framed(data), "socket": "open"}


_LONG = {sending.ARRIVED: ALL, "ended": "returned", "socket": "open", "came_after": "nothing_more"}

SCENARIOS = (
    Scenario("a message", lambda stage: _message(stage, MESSAGE), _sent(MESSAGE)),
    Scenario("no bytes", lambda stage: _message(stage, b""), _sent(b"")),
    Scenario("an array", lambda stage: _message(stage, ITEMS), _sent(ITEMS.tobytes())),
    Scenario(
        "a text",
        lambda stage: _message(stage, TEXT),
        {"ended": "raised TypeError", "peer.received": b"", "socket": "open"},
    ),
    Scenario("a long message", _long, {**_LONG, "of_many": ALL, "blocking_mode": "as_before"}),
    Scenario("breaks off", _breaks_off, {"ended": "raised ConnectionError", "socket": "open"}),
    Scenario(
        "the time is up",
        _time_is_up,
        {"ended": "raised TimeoutError", "socket": "open", "blocking_mode": "as_before"},
    ),
)
