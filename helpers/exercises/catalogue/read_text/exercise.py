"""read_text: UTF-8 that is cut anywhere."""

from __future__ import annotations

from helpers import peers
from helpers.exercises import reading
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage


def text(stage: Stage, *pieces: bytes) -> None:
    """Text is read while the peer sends these pieces, and ends."""
    peer, sock = stage.pair()
    stage.start(sock)
    peers.in_pieces(peer, pieces, stage)
    peers.half_close(peer, stage)
    stage.finish()
    reading.left_in(stage, sock)
    reading.unasked(stage, peer, sock)


_HELLO = "안녕\n세계\r\n".encode()
_WHOLE = {"left_in_stream": b"", "socket": "open"}


SCENARIOS = (
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
)
