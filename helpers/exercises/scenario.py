"""A scenario: peers that meet the learner's function, and what is seen if it is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers.exercises.stage import Stage

Facts = dict[str, Any]
"""What a run showed."""


@dataclass(frozen=True)
class Scenario:
    """Peers that meet the function, and what is seen then if the function is right."""

    name: str
    """As in `words.toml`."""
    play: Callable[[Stage], None]
    expected: Facts
    also: tuple[Facts, ...] = ()
    """Other facts with which the function is right, too: where the task leaves it open."""
    runs_here: bool = True
    """Whether this system can play it. Where it cannot, the report says that it was not tried."""

    def accepts(self, facts: Facts) -> bool:
        """Whether a function that did this is right."""
        return facts == self.expected or facts in self.also
