"""read_lines: an iterator of the lines of the stream."""

from __future__ import annotations

import socket
from typing import Any

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.iterating import Items
from helpers.exercises.reading import PAUSE, Then
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads
from helpers.exercises.stage import Stage
from helpers.exercises.values import Key, socket_state

ITS_LINES = "its_lines"

A_HUNDRED_AND_MORE = 150
"""Lines in one piece. Chosen: a loop that is counted is counted to 100 at most."""

LARGE_READ = 4096
"""Bytes of a read of who can be sent a line that is much longer."""

LONG_LINE = b"long " * 1000
"""5,000 bytes: more than the usual 1024 or 4096."""


def lines(stage: Stage, *pieces: bytes | None, watched: bool = False) -> None:
    """Lines are read while the peer sends these pieces, and ends."""
    peer, sock = stage.pair()
    items = Items(ITS_LINES)
    stage.start(sock, use=items.each)
    counts = []
    for piece in pieces:
        reading.sends(stage, peer, [piece])
        counts.append(len(items.given))
    peers.half_close(peer, stage)
    _look(stage, peer, sock, items)
    if watched:
        stage.fact("lines_after_pieces", counts)


def _look(stage: Stage, peer: socket.socket, sock: socket.socket, items: Items) -> None:
    stage.finish()
    stage.fact("lines", items.shown())
    stage.fact("socket", socket_state(sock))
    reading.unasked(stage, peer, sock)


def _glued(stage: Stage) -> None:
    """First lines that can be looked at, then more in one piece than anybody counts."""
    lines(stage, b"one\ntwo\nthr", b"ee\n")
    if stage.facts.items() <= _GLUED.items():
        _many(stage, A_HUNDRED_AND_MORE)


def _one_byte(stage: Stage) -> None:
    """First lines that can be looked at, then many, and each byte is a read of its own."""
    lines(stage, *(bytes([byte]) for byte in "하나\n둘\n".encode()))
    if stage.facts.items() <= _ONE_BYTE.items():
        _many(stage, MANY, short=2 * MANY)


def _many(stage: Stage, count: int, short: int = 0) -> None:
    """So many lines in one piece; so many reads of them give one byte."""
    shown = stage.facts["lines"]
    peer, sock = stage.pair()
    items = Items(ITS_LINES)
    wanted = [b"%d" % (number % 10) for number in range(count)]
    with short_reads(sock, short):
        stage.run.start_again(sock, use=items.each)
        peers.in_pieces(peer, [b"".join(line + b"\n" for line in wanted)], stage)
        peers.half_close(peer, stage)
        _look(stage, peer, sock, items)
    same = items.plain() == wanted
    stage.fact("lines", shown)
    stage.fact("of_many", "as_they_came" if same else "lines_missing")


def _long(stage: Stage) -> None:
    """How long the line is depends on how much is read at once."""
    peer, sock = stage.pair()
    items = Items(ITS_LINES)
    stage.start(sock, use=items.each)
    peers.in_pieces(peer, [LONG_LINE], stage)
    rest = b"long " * (14_000 if reading.largest_read(stage) >= LARGE_READ else 0) + b"\n"
    reading.sends(stage, peer, [rest], Then.ENDS)
    _look(stage, peer, sock, items)
    if items.plain() == [(LONG_LINE + rest)[:-1]]:
        stage.fact("lines", "the_long_line")


def _breaks_off(stage: Stage) -> None:
    peer, sock = stage.pair()
    items = Items(ITS_LINES)
    stage.start(sock, use=items.each)
    reading.sends(stage, peer, [b"one\ntw"])
    before = len(items.given)
    peers.reset(peer, stage)
    stage.finish()
    returned.tell_broken(stage)
    if len(items.given) > before:  # half a line
        stage.fact("lines", items.shown())
    stage.fact("socket", "open" if sock.fileno() >= 0 else "closed")


def _again(stage: Stage) -> None:
    """The caller stops after the first line, and reads from another connection."""
    first, sock = stage.pair()
    items = Items(ITS_LINES)
    stage.start(sock, use=items.first)
    reading.sends(stage, first, [b"one\ntwo\nthr"], Then.ENDS)
    peer, other = stage.pair()
    if stage.run.start_again(other, use=items.each):
        reading.sends(stage, peer, [b"ee\n", b"four\n"], Then.ENDS)
        _look(stage, peer, other, items)


def _lines_expected(*lines: bytes) -> dict[str, Any]:
    return {
        "ended": "returned",
        "returned": Key(ITS_LINES),
        "lines": list(lines),
        "socket": "open",
    }


_GLUED = _lines_expected(b"one", b"two", b"three")

_ONE_BYTE = _lines_expected("하나".encode(), "둘".encode())

SCENARIOS = (
    Scenario(
        "glued",
        _glued,
        {**_GLUED, "of_many": "as_they_came"},
    ),
    Scenario("one byte at a time", _one_byte, {**_ONE_BYTE, "of_many": "as_they_came"}),
    Scenario(
        "waits for each answer",
        lambda stage: lines(stage, b"one\ntw", b"o\n", b"three\n", watched=True),
        {
            **_lines_expected(b"one", b"two", b"three"),
            "lines_after_pieces": [1, 2, 3],
        },
    ),
    Scenario(
        "no newline at the end",
        lambda stage: lines(stage, b"one\n", b"two"),
        _lines_expected(b"one", b"two"),
    ),
    Scenario(
        "empty lines and spaces",
        lambda stage: lines(stage, b"\n", b"  a\r\xffb \r\n", b"a\0", b"\n", b"a\t\n", b"\n"),
        _lines_expected(b"", b"  a\r\xffb \r", b"a\0", b"a\t", b""),
    ),
    Scenario("a long line", _long, {**_lines_expected(), "lines": "the_long_line"}),
    Scenario(
        "a pause",
        lambda stage: lines(stage, b"one\n", b"tw", PAUSE, b"o\n", PAUSE, b"three\n"),
        _lines_expected(b"one", b"two", b"three"),
    ),
    Scenario(
        "breaks off",
        _breaks_off,
        {"ended": "raised ConnectionError", "socket": "open"},
    ),
    Scenario("two connections", _again, _lines_expected(b"ee", b"four")),
)
