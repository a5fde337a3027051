"""Lesson 05, recv(): read exactly n bytes, read lines, read text."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

from helpers import peers
from helpers.exercises.engine import Exercise, Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import plain, socket_state


def _unasked(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    """Note what the peer has got, of a function that should only read."""
    if not stage.is_over or sock.fileno() < 0:
        return
    came, ending = stage.read(peer)
    if came:
        stage.note("the peer received", came)
    if ending == "the end":
        stage.note("the peer saw", ending)


def exactly(stage: Stage, *pieces: bytes, n: int = 5, ends: bool = False) -> None:
    """Of what the peer sends, n bytes are wanted."""
    peer, sock = stage.pair()
    stage.start(sock, n)
    peers.in_pieces(peer, pieces, stage)
    if ends:
        peers.half_close(peer, stage)
    stage.finish()
    stage.left_in(sock)
    _unasked(stage, peer, sock)


_WHOLE = {"left in the stream": b"", "the socket": "open"}

read_exactly = Exercise(
    "read_exactly",
    (
        Scenario(
            "one byte at a time",
            lambda stage: exactly(stage, b"1", b"0", b"0", b"0", b"0", b" ", b"w", b"o", b"n"),
            {
                "ended": "returned",
                "returned": b"10000",
                "left in the stream": b" won",
                "the socket": "open",
            },
        ),
        Scenario(
            "pieces of three",
            lambda stage: exactly(stage, b"123", b"456", b"789", n=4),
            {
                "ended": "returned",
                "returned": b"1234",
                "left in the stream": b"56789",
                "the socket": "open",
            },
        ),
        Scenario(
            "ends early",
            lambda stage: exactly(stage, b"123", ends=True),
            {"ended": "raised EOFError", **_WHOLE},
        ),
    ),
)


LINES_MANY = 1000
"""Lines after which an iterator is taken for one that never ends."""

LINES_SHOWN = 6

LONG_LINE = b"long " * 1000
"""5,000 bytes: more than the usual 1024 or 4096."""


def lines(stage: Stage, *pieces: bytes, watched: bool = False) -> None:
    """Lines are read while the peer sends these pieces, and ends."""
    peer, sock = stage.pair()
    given: list[object] = []

    def use(value: Any) -> Any:
        if not isinstance(value, Iterable):
            return value
        for line in value:
            given.append(line)
            if len(given) >= LINES_MANY:
                return "an iterator that gives lines without end"
        return "its lines"

    stage.start(sock, use=use)
    counts = []
    for piece in pieces:
        peers.in_pieces(peer, [piece], stage)
        counts.append(len(given))
    peers.half_close(peer, stage)
    stage.finish()
    stage.note("lines", [plain(line) for line in given[:LINES_SHOWN]])
    if watched:
        stage.note("lines given after each piece", counts)
    stage.note("the socket", socket_state(sock))
    _unasked(stage, peer, sock)


def _lines_expected(*lines: bytes) -> dict[str, Any]:
    return {
        "ended": "returned",
        "returned": "its lines",
        "lines": list(lines),
        "the socket": "open",
    }


read_lines = Exercise(
    "read_lines",
    (
        Scenario(
            "glued",
            lambda stage: lines(stage, b"one\ntwo\nthr", b"ee\n"),
            _lines_expected(b"one", b"two", b"three"),
        ),
        Scenario(
            "one byte at a time",
            lambda stage: lines(stage, *(bytes([byte]) for byte in "하나\n둘\n".encode())),
            _lines_expected("하나".encode(), "둘".encode()),
        ),
        Scenario(
            "waits for each answer",
            lambda stage: lines(stage, b"one\n", b"two\n", b"three\n", watched=True),
            {
                **_lines_expected(b"one", b"two", b"three"),
                "lines given after each piece": [1, 2, 3],
            },
        ),
        Scenario(
            "no newline at the end",
            lambda stage: lines(stage, b"one\n", b"two"),
            _lines_expected(b"one", b"two"),
        ),
        Scenario(
            "empty lines and spaces",
            lambda stage: lines(stage, b"\n", b"  a\r\xffb \r\n", b"\n"),
            _lines_expected(b"", b"  a\r\xffb \r", b""),
        ),
        Scenario(
            "a long line",
            lambda stage: lines(stage, LONG_LINE + b"\n"),
            _lines_expected(LONG_LINE),
        ),
    ),
)


def text(stage: Stage, *pieces: bytes) -> None:
    """Text is read while the peer sends these pieces, and ends."""
    peer, sock = stage.pair()
    stage.start(sock)
    peers.in_pieces(peer, pieces, stage)
    peers.half_close(peer, stage)
    stage.finish()
    stage.left_in(sock)
    _unasked(stage, peer, sock)


_HELLO = "안녕\n세계\r\n".encode()

read_text = Exercise(
    "read_text",
    (
        Scenario(
            "a character cut twice",
            lambda stage: text(stage, _HELLO[:4], _HELLO[4:5], _HELLO[5:7], _HELLO[7:]),
            {"ended": "returned", "returned": _HELLO.decode(), **_WHOLE},
        ),
        Scenario(
            "nothing at all",
            text,
            {"ended": "returned", "returned": "", **_WHOLE},
        ),
        Scenario(
            "ends inside a character",
            lambda stage: text(stage, "세".encode(), "계".encode()[:2]),
            {"ended": "raised UnicodeDecodeError", **_WHOLE},
        ),
    ),
)
