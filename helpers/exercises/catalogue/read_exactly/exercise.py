"""read_exactly: n bytes of the stream, and not one more."""

from __future__ import annotations

from helpers import peers
from helpers.exercises import reading
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage


def exactly(stage: Stage, *pieces: bytes, n: int = 5, ends: bool = False) -> None:
    """Of what the peer sends, n bytes are wanted."""
    peer, sock = stage.pair()
    stage.start(sock, n)
    peers.in_pieces(peer, pieces, stage)
    if ends:
        peers.half_close(peer, stage)
    stage.finish()
    reading.left_in(stage, sock)
    reading.unasked(stage, peer, sock)


_WHOLE = {"left_in_stream": b"", "socket": "open"}

SCENARIOS = (
    Scenario(
        "one byte at a time",
        lambda stage: exactly(stage, b"1", b"0", b"0", b"0", b"0", b" ", b"w", b"o", b"n"),
        {
            "ended": "returned",
            "returned": b"10000",
            "left_in_stream": b" won",
            "socket": "open",
        },
    ),
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
)
