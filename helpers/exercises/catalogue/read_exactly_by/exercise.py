"""read_exactly_by: n bytes of the stream until a moment, whenever the peer sends each of them."""

from __future__ import annotations

from collections.abc import Sequence

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.reading import Then
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import short_reads
from helpers.exercises.stage import Stage
from helpers.exercises.values import socket_state
from helpers.record.clock import Held

AMPLE = 60.0
"""Seconds until the deadline, where the peers need less: the clock is held, so none is waited."""

OWN = 3.0
"""Seconds of the limit that the caller has set on the socket, where there is one."""

PAUSE = 4.0
"""Seconds of a pause between two pieces: longer than the limit of the socket."""

DRIPS = 2.5 * PAUSE
"""Seconds until the deadline, where each byte comes in time and the last one does not."""


def _plays(
    stage: Stage,
    pieces: Sequence[bytes | float],
    n: int,
    left: float = AMPLE,
    own: float | None = OWN,
    then: Then = Then.STAYS,
    clock: Held | None = None,
) -> None:
    """Of what the peer sends, n bytes are wanted. A number among the pieces is a pause."""
    peer, sock = stage.pair()
    sock.settimeout(own)
    clock = clock or stage.hold_clock()
    there = [pieces[0]] if left <= 0 and pieces else []
    for piece in there:
        assert isinstance(piece, bytes)
        peer.sendall(piece)
    stage.start(sock, n, clock.now + left)
    for piece in pieces[len(there) :]:
        if isinstance(piece, float):
            stage.let_time_pass(piece)
        else:
            peers.in_pieces(peer, [piece], stage)
    reading.sends(stage, peer, (), then)
    stage.finish()
    returned.tell_broken(stage)
    if then is Then.BREAKS_OFF:
        stage.fact("socket", socket_state(sock, timeout=own))
    else:
        reading.left_in(stage, sock, own)
        reading.unasked(stage, peer, sock)


def _one_byte(stage: Stage) -> None:
    """First few bytes that can be looked at, then so many that nobody counts them."""
    clock = stage.hold_clock()
    _plays(stage, [bytes([byte]) for byte in b"10000 won"], 5, own=None, clock=clock)
    if stage.facts.items() <= _ONE_BYTE.items():
        peer, sock = stage.pair()
        with short_reads(sock):
            stage.run.start_again(sock, len(reading.many_bytes()), clock.now + AMPLE)
            peers.in_pieces(peer, [reading.many_bytes()], stage)
            stage.finish()
        given = stage.facts.pop("returned", None)
        if isinstance(given, bytes):
            stage.fact("of_many", reading.compared_with_many(given))
            stage.fact("returned", b"10000")


def _drips(stage: Stage) -> None:
    """A byte comes every four seconds, and the deadline is after ten."""
    peer, sock = stage.pair()
    stage.start(sock, 9, stage.hold_clock().now + DRIPS)
    for byte in b"123":
        peers.in_pieces(peer, [bytes([byte])], stage)
        if byte != b"3"[0]:
            stage.let_time_pass(PAUSE)
    stage.let_time_pass(PAUSE / 4)
    if stage.run.is_over:
        stage.fact("gave_up", "too_early")
    else:
        stage.let_time_pass(PAUSE / 4)
        stage.fact("gave_up", "in_time" if stage.run.is_over else "too_late")
        stage.let_time_pass(PAUSE)  # who has not noticed it is given another byte
        if not stage.run.is_over:
            peers.in_pieces(peer, [b"4"], stage)
    stage.finish()
    if stage.facts["gave_up"] == "in_time":
        reading.left_in(stage, sock)


_TOO_LATE = {"ended": "raised TimeoutError", "socket": "open"}

_ONE_BYTE = {
    "ended": "returned",
    "returned": b"10000",
    "left_in_stream": b" won",
    "socket": "open",
}

SCENARIOS = (
    Scenario("one byte at a time", _one_byte, {**_ONE_BYTE, "of_many": "as_they_came"}),
    Scenario("drips", _drips, {**_TOO_LATE, "gave_up": "in_time", "left_in_stream": b""}),
    Scenario(
        "pauses",
        lambda stage: _plays(stage, [PAUSE, b"\x0023", PAUSE, b"4\x0056"], 5),
        {"ended": "returned", "returned": b"\x00234\0", "left_in_stream": b"56", "socket": "open"},
    ),
    Scenario(
        "late already",
        lambda stage: _plays(stage, [b"12345"], 5, left=-1.0),
        {**_TOO_LATE, "left_in_stream": b"12345"},
    ),
    Scenario(
        "no time left",
        lambda stage: _plays(stage, [], 5, left=0.0),
        {**_TOO_LATE, "left_in_stream": b""},
    ),
    Scenario(
        "ends early",
        lambda stage: _plays(stage, [b"123"], 5, then=Then.ENDS),
        {"ended": "raised EOFError", "left_in_stream": b"", "socket": "open"},
    ),
    Scenario(
        "breaks off",
        lambda stage: _plays(stage, [b"123"], 5, then=Then.BREAKS_OFF),
        {"ended": "raised ConnectionError", "socket": "open"},
        also=({"ended": "raised EOFError", "socket": "open"},),
    ),
    Scenario(
        "none are wanted",
        lambda stage: _plays(stage, [b"12"], 0, left=-1.0),
        {"ended": "returned", "returned": b"", "left_in_stream": b"12", "socket": "open"},
    ),
)
