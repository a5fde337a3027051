"""read_exactly_by: n bytes of the stream until a moment, whenever the peer sends each of them."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.evidence import OF_A_FAMILY
from helpers.exercises.reading import Then
from helpers.exercises.run import SLEEPS
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import short_reads
from helpers.exercises.sleeping import sleepers
from helpers.exercises.stage import Stage
from helpers.exercises.values import socket_state
from helpers.record.clock import Held
from helpers.record.socket_info import info_of

AMPLE = 60.0
"""Seconds until the deadline, where the peers need less: the clock is held, so none is waited."""

OWN = 3.0
"""Seconds of the limit that the caller has set on the socket, where there is one."""

PAUSE = 4.0
"""Seconds of a pause between two pieces: longer than the limit of the socket."""

DRIPS = 10.5
"""Seconds until the deadline, where each byte comes in time and the last one does not."""

SLACK = 0.1
"""Seconds by which a program may round what is left of the time."""


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
    if _sleeps(stage, sock):
        return
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
    """A byte comes every four seconds, and the deadline is after ten and a half."""
    peer, sock = stage.pair()
    deadline = stage.hold_clock().now + DRIPS
    stage.start(sock, 9, deadline)
    for byte in (b"1", b"2", b"3"):
        peers.in_pieces(peer, [byte], stage)
        if byte != b"3":
            stage.let_time_pass(PAUSE)
    stage.let_time_pass(DRIPS - 2 * PAUSE - SLACK)
    if stage.run.is_over:
        stage.fact("gave_up", "too_early")
    else:
        stage.let_time_pass(2 * SLACK)
        stage.fact("gave_up", "in_time" if stage.run.is_over else "too_late")
    if stage.facts["gave_up"] == "too_late":
        stage.fact("limits", _limits(stage, deadline))
        stage.let_time_pass(PAUSE)
        peers.in_pieces(peer, [b"4"], stage)  # who has not noticed it is given another byte
    stage.finish()
    if stage.facts["gave_up"] == "in_time":
        reading.left_in(stage, sock)


def _limits(stage: Stage, deadline: float) -> str:
    """With which limits it has waited for a byte."""
    calls = [each for each in stage.run.calls if OF_A_FAMILY.get(each.call) == "recv"]
    limits = {each.limit for each in calls if each.limit is not None}
    if not limits:
        return "no_limits"
    if limits == {deadline}:
        return "the_moment"
    return "the_first" if limits == {DRIPS} else "other_limits"


def _sleeps(stage: Stage, sock: socket.socket) -> bool:
    """Whether it has found nothing to read, and waits for a time now, and not for bytes."""
    info = info_of(sock)
    end = info.endpoint if info is not None else None

    def sleeps() -> bool:
        return end is not None and end.would_block_count > 0 and bool(sleepers.seconds)

    stage.settle(unless=sleeps)
    if sleeps():
        stage.run.ended, stage.run.computes = SLEEPS, True  # a loop: interrupted without a delay
        stage.fact("ended", SLEEPS)
    return bool(stage.run.ended)


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
