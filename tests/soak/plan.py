"""How much of each part of the soak is done, and from which seed.

`make test` does a little of each part, from the same seed every time: what fails there was
changed. `make soak` (`bench/soak.py`) does more of it, each round from another seed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import hypothesis


@dataclass
class Soak:
    """What one test does of the soak."""

    seed: int = field(default_factory=lambda: int(os.environ.get("SOAK_SEED", "1")))
    size: int = field(default_factory=lambda: int(os.environ.get("SOAK_SIZE", "1")))
    """1 in `make test`. In `make soak` so many times as much."""
    done: int = 0
    """Things done so far, whatever the part calls a thing."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def times(self, few: int) -> int:
        """So many of a thing of which `make test` does `few`."""
        return few * self.size

    def some(self, things: list[Any], few: int) -> list[Any]:
        """`few` of the things in random order; all of them in `make soak`."""
        count = few if self.size == 1 else len(things)
        return self.chance.sample(things, count)

    def settings(self, few: int, **more: Any) -> hypothesis.settings:
        """No database: the seed says everything. What fails is shown as it was found: to make it
        smaller would start servers for minutes.
        """
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        return hypothesis.settings(
            max_examples=self.times(few), deadline=None, database=None, phases=phases, **more
        )

    def examples(self, strategy: Any, few: int, check: Callable[[Any], None]) -> None:
        """Let hypothesis find a value of the strategy that the check refuses."""

        @hypothesis.seed(self.seed)
        @self.settings(few)
        @hypothesis.given(strategy)
        def one(value: Any) -> None:
            self.done += 1
            check(value)

        one()
