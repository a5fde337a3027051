"""A figure of the bench: its goal, what was measured, and whether the goal is reached.

Rules of this file:

- Pure: numbers in, rows out. Nothing here measures.
- A figure that was not measured says so. There is no default and no estimate.
- What counts is the ratio of two things that were measured in the same round, one after the
  other: a machine that is busy is so for both. The table shows the median of the rounds, and the
  smallest and the largest. A round gives the fastest of its runs: what makes a run slower is the
  rest of the machine (as in Python's documentation of `timeit`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

NOT_MEASURED = "not measured"

Rounds = Sequence[float]
"""One number for each round, in seconds."""

Samples = Mapping[str, Rounds]
"""The rounds of each thing that was timed, by its name."""


@dataclass(frozen=True)
class Goal:
    """What one row of the table promises."""

    figure: str
    against: str
    to_reach: str


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    goal: Goal
    ours: str = NOT_MEASURED
    theirs: str = ""
    ratio: str = ""
    reached: bool | None = None
    """None: not measured."""


def at_most(goal: Goal, ours: Rounds, theirs: Rounds, limit: float) -> Row:
    """The row of a ratio that may be `limit` at the most."""
    ratios = paired(ours, theirs)
    return Row(goal, spell(ours), spell(theirs), spread(ratios), median(ratios) <= limit)


def at_least(goal: Goal, ours: Rounds, theirs: Rounds, limit: float) -> Row:
    """The row of a throughput: both times are for the same work, and `theirs / ours` counts."""
    ratios = paired(theirs, ours)
    return Row(goal, spell(ours), spell(theirs), spread(ratios), median(ratios) >= limit)


def paired(ours: Rounds, theirs: Rounds) -> list[float]:
    """The ratio of each round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def spread(ratios: Sequence[float]) -> str:
    """`1.32 (1.28 to 1.41)`: the median, the smallest, the largest."""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def spell(rounds: Rounds) -> str:
    """The median time in words: `12.3 ms`."""
    seconds = median(rounds)
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
