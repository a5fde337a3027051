"""read_text: UTF-8 that is cut anywhere."""

from __future__ import annotations

import socket
from contextlib import suppress

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.reading import PAUSE, SMALL_READ, Then
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads
from helpers.exercises.stage import Stage

EDGE = "\ufeff\0 \te\u0301\u2028\x85 "
"""Characters that are lost, or become others, where somebody strips or normalises them."""


def text(stage: Stage, *pieces: bytes | None) -> None:
    """Text is read while the peer sends these pieces, and ends."""
    peer, sock = stage.pair()
    stage.start(sock)
    reading.sends(stage, peer, pieces, Then.ENDS)
    _look(stage, peer, sock)
    _tell_decoded(stage, [piece for piece in pieces if piece])


def _tell_decoded(stage: Stage, pieces: list[bytes]) -> None:
    """What it tried to decode, where that has failed and should not: the error has kept it."""
    error, whole = stage.run.error, b"".join(pieces)
    if not isinstance(error, UnicodeDecodeError) or not _is_text(whole):
        return
    if error.encoding.replace("_", "-") != "utf-8":
        found = "as_another_encoding"
    elif error.object in pieces or whole.startswith(error.object):
        found = "a_part"
    else:
        found = "other_bytes_than_came"
    stage.fact("decoded", found)


def _is_text(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        return bool(data.decode())
    return False


def _look(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    stage.finish()
    reading.left_in(stage, sock)
    reading.unasked(stage, peer, sock)


def _cut_twice(stage: Stage) -> None:
    """First a text that can be looked at, then a long one."""
    text(stage, _HELLO[:4], _HELLO[4:5], _HELLO[5:7], _HELLO[7:])
    if stage.facts.items() <= _CUT_TWICE.items():
        peer, sock = stage.pair()
        with short_reads(sock):
            stage.run.start_again(sock)
            whole = _much(stage, peer)
            _look(stage, peer, sock)
        given = stage.facts.pop("returned", None)  # by the first call, if the second one failed
        if stage.facts["ended"] == "returned" and isinstance(given, str):
            stage.fact("of_much", _compare(given, whole))
            stage.fact("returned", _HELLO.decode())


def _much(stage: Stage, peer: socket.socket) -> str:
    """The first bytes come one at a time. What comes then depends on how much is read at once."""
    begins = EDGE + "안녕 😀\r\n" * (MANY // 2)
    peers.in_pieces(peer, [begins.encode()], stage)
    rest = "세계\n" * (180_000 if reading.largest_read(stage) >= SMALL_READ else 3000) + EDGE
    with reading.may_be_closed():
        peer.sendall(rest.encode())
        peers.half_close(peer, stage)
    return begins + rest


def _compare(given: str, wanted: str) -> str:
    if given == wanted:
        return "as_it_was_sent"
    return "its_beginning" if wanted.startswith(given.rstrip("\ufffd")) else "another_text"


def _breaks_off(stage: Stage) -> None:
    peer, sock = stage.pair()
    stage.start(sock)
    reading.sends(stage, peer, [b"Hello"], Then.BREAKS_OFF)
    stage.finish()
    returned.tell_broken(stage)
    stage.fact("socket", "open" if sock.fileno() >= 0 else "closed")


_HELLO = "안녕\n세계\r\n".encode()
_WHOLE = {"left_in_stream": b"", "socket": "open"}
_CUT_TWICE = {"ended": "returned", "returned": _HELLO.decode(), **_WHOLE}

SCENARIOS = (
    Scenario("a character cut twice", _cut_twice, {**_CUT_TWICE, "of_much": "as_it_was_sent"}),
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
    Scenario(
        "a pause",
        lambda stage: text(stage, _HELLO[:4], PAUSE, _HELLO[4:] + b"\0", PAUSE),
        {"ended": "returned", "returned": _HELLO.decode() + "\0", **_WHOLE},
    ),
    Scenario("breaks off", _breaks_off, {"ended": "raised ConnectionError", "socket": "open"}),
)
