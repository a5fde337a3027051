"""read_lines: an iterator of the lines of the stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helpers import peers
from helpers.exercises import reading
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Key, plain, socket_state

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
                return Key("endless")
        return Key("its_lines")

    stage.start(sock, use=use)
    counts = []
    for piece in pieces:
        peers.in_pieces(peer, [piece], stage)
        counts.append(len(given))
    peers.half_close(peer, stage)
    stage.finish()
    stage.fact("lines", [plain(line) for line in given[:LINES_SHOWN]])
    if watched:
        stage.fact("lines_after_pieces", counts)
    stage.fact("socket", socket_state(sock))
    reading.unasked(stage, peer, sock)


def _lines_expected(*lines: bytes) -> dict[str, Any]:
    return {
        "ended": "returned",
        "returned": Key("its_lines"),
        "lines": list(lines),
        "socket": "open",
    }


SCENARIOS = (
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
        lambda stage: lines(stage, b"\n", b"  a\r\xffb \r\n", b"\n"),
        _lines_expected(b"", b"  a\r\xffb \r", b""),
    ),
    Scenario(
        "a long line",
        lambda stage: lines(stage, LONG_LINE + b"\n"),
        _lines_expected(LONG_LINE),
    ),
)
