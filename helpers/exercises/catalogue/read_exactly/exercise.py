"""read_exactly: n bytes of the stream, and not one more."""

from __future__ import annotations

import functools
import socket

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.reading import PAUSE, UNTAME, Then
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads
from helpers.exercises.stage import Stage

MUCH = 5_000
"""Bytes after the short reads: more than a few calls of recv(4096) give."""


def exactly(stage: Stage, *pieces: bytes | None, n: int = 5, ends: bool = False) -> None:
    """Of what the peer sends, n bytes are wanted."""
    peer, sock = stage.pair()
    stage.start(sock, n)
    reading.sends(stage, peer, pieces, Then.ENDS if ends else Then.STAYS)
    _look(stage, peer, sock)


def _look(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    stage.finish()
    reading.left_in(stage, sock)
    reading.unasked(stage, peer, sock)


@functools.cache
def _many_bytes() -> bytes:
    """At both ends stand bytes that are easily lost."""
    return UNTAME + b"".join(b"%7d\n" % number for number in range((MANY + MUCH) // 8)) + UNTAME


def _one_byte(stage: Stage) -> None:
    """First few bytes that can be looked at, then so many that nobody counts them."""
    exactly(stage, *(bytes([byte]) for byte in b"10000 won"))
    if stage.facts.items() <= _ONE_BYTE.items():
        peer, sock = stage.pair()
        with short_reads(sock):
            stage.run.start_again(sock, len(_many_bytes()))
            peers.in_pieces(peer, [_many_bytes()], stage)
            stage.finish()
        given = stage.facts.pop("returned", None)
        if isinstance(given, bytes):
            stage.fact("of_many", _compare(given, _many_bytes()))
            stage.fact("returned", b"10000")


def _compare(given: bytes, wanted: bytes) -> str:
    if given == wanted:
        return "as_they_came"
    if len(wanted) - 2 * len(UNTAME) <= len(given) < len(wanted):
        return "a_few_are_missing"
    return "beginning" if wanted.startswith(given) else "other_bytes"


def _breaks_off(stage: Stage) -> None:
    peer, sock = stage.pair()
    stage.start(sock, 5)
    reading.sends(stage, peer, [b"123"], Then.BREAKS_OFF)
    stage.finish()
    returned.tell_broken(stage)
    stage.fact("socket", "open" if sock.fileno() >= 0 else "closed")


_WHOLE = {"left_in_stream": b"", "socket": "open"}

_ONE_BYTE = {
    "ended": "returned",
    "returned": b"10000",
    "left_in_stream": b" won",
    "socket": "open",
}

SCENARIOS = (
    Scenario("one byte at a time", _one_byte, {**_ONE_BYTE, "of_many": "as_they_came"}),
    Scenario(
        "pieces of three",
        lambda stage: exactly(stage, b"123", b"456", b"789", n=4),
        {
            "ended": "returned",
            "returned": b"1234",
            "left_in_stream": b"56789",
            "socket": "open",
        },
    ),
    Scenario(
        "ends early",
        lambda stage: exactly(stage, b"123", ends=True),
        {"ended": "raised EOFError", **_WHOLE},
    ),
    Scenario(
        "a pause",
        lambda stage: exactly(stage, PAUSE, b"\x0023", PAUSE, b"4\0"),
        {"ended": "returned", "returned": b"\x00234\0", **_WHOLE},
    ),
    Scenario(
        "breaks off",
        _breaks_off,
        {"ended": "raised ConnectionError", "socket": "open"},
        also=({"ended": "raised EOFError", "socket": "open"},),
    ),
    Scenario(
        "none are wanted",
        lambda stage: exactly(stage, b"12", n=0),
        {"ended": "returned", "returned": b"", "left_in_stream": b"12", "socket": "open"},
    ),
)
