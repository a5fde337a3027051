"""Lesson 05, recv(): read exactly n bytes, read lines, read text."""

from __future__ import annotations

from helpers import peers
from helpers.exercises.engine import Exercise, Scenario
from helpers.exercises.stage import Stage


def _exactly(stage: Stage, *pieces: bytes, ends: bool = False) -> None:
    """Five bytes are wanted of what the peer sends."""
    peer, sock = stage.pair()
    stage.start(sock, 5)
    peers.in_pieces(peer, pieces, stage)
    if ends:
        peers.half_close(peer, stage)
    stage.finish()
    stage.left_in(sock)


read_exactly = Exercise(
    "read_exactly",
    (
        Scenario(
            "one byte at a time",
            lambda stage: _exactly(stage, b"1", b"0", b"0", b"0", b"0", b" ", b"w", b"o", b"n"),
            {
                "ended": "returned",
                "returned": b"10000",
                "left in the stream": b" won",
                "the socket": "open",
            },
        ),
        Scenario(
            "pieces of three",
            lambda stage: _exactly(stage, b"123", b"456", b"789"),
            {
                "ended": "returned",
                "returned": b"12345",
                "left in the stream": b"6789",
                "the socket": "open",
            },
        ),
        Scenario(
            "ends early",
            lambda stage: _exactly(stage, b"123", ends=True),
            {"ended": "raised EOFError", "left in the stream": b"", "the socket": "open"},
        ),
    ),
)
