"""What the learner does, told to those who asked for it: a vote on a question, a check's outcome.

Rules of this file:

- Nobody is told unless somebody asked (`observers`). The class board does, after `classroom.join`.
- Whoever is told cannot disturb the lesson: an error of theirs goes no further.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vote:
    """A choice for a prediction. Until the cell has run, another one may follow."""

    question: str
    choice: int
    """Its place among the choices, from 0."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    exercise: str
    outcome: str
    scenario: str = ""
    mistake: str = ""
    """The name of the known mistake in English, or `""`."""


observers: list[Callable[[Vote | Checked], object]] = []


def tell(done: Vote | Checked) -> None:
    """Tell all observers. Never raises."""
    for observer in [*observers]:
        with suppress(Exception):
            observer(done)
