"""read_exactly: n bytes of the stream, and not one more."""

from __future__ import annotations

import socket

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.reading import PAUSE, Then
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import short_reads
from helpers.exercises.stage import Stage


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


def _one_byte(stage: Stage) -> None:
    """First few bytes that can be looked at, then so many that nobody counts them."""
    exactly(stage, *(bytes([byte]) for byte in b"10000 won"))
    if stage.facts.items() <= _ONE_BYTE.items():
        peer, sock = stage.pair()
        with short_reads(sock):
            stage.run.start_again(sock, len(reading.many_bytes()))
            peers.in_pieces(peer, [reading.many_bytes()], stage)
            stage.finish()
        given = stage.facts.pop("returned", None)  # by the first call, if the second one failed
        if stage.facts["ended"] == "returned" and isinstance(given, bytes):
            stage.fact("of_many", reading.compared_with_many(given))
            stage.fact("returned", b"10000")
        elif reading.taken_from(sock) <= len(reading.UNTAME):
            stage.fact("of_many", "stopped_at_the_edge")


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
