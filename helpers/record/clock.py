"""The clock of time limits: Python's own, unless somebody holds it.

Rules of this file:

- Who begins a wait with a limit of the program's own, or looks whether it is over, asks `now()`.
  What the recorder waits by itself (patience, quiet) it takes from `time.monotonic()`.
- A check holds the clock of a learner's function, and lets time pass when its peers have waited
  for so long. So a limit of an hour is over at once, and a limit that has a second left is not
  over because the machine is busy.
- It is held for threads that come later, and for no other.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HAIR = 1e-6
"""Seconds that sums of seconds lose when they are rounded, and more."""


class Held:
    """A clock that goes on only where somebody says so."""

    def __init__(self) -> None:
        self._before = {each.ident: each for each in threading.enumerate()}
        self.now = float(math.ceil(time.monotonic()))
        """A whole number at first: so sums of whole seconds are exact."""

    def is_mine(self) -> bool:
        """Whether the running thread goes by it. Its number may have been that of another one."""
        before = self._before.get(threading.get_ident())
        return before is None or not before.is_alive()

    def is_over(self, until: float) -> bool:
        """Whether this moment has come."""
        return until <= self.now + HAIR


class Clock:
    """What time it is for the running thread."""

    def __init__(self) -> None:
        self.held: Held | None = None

    def now(self) -> float:
        """Seconds, as `time.monotonic()` counts them."""
        held = self.held
        return time.monotonic() if held is None or not held.is_mine() else held.now

    def is_held(self) -> bool:
        """Whether no time goes by for the running thread."""
        return self.held is not None and self.held.is_mine()

    @contextmanager
    def hold(self) -> Iterator[Held]:
        """Inside the block it is held for each thread that is not there yet."""
        before, self.held = self.held, Held()
        try:
            yield self.held
        finally:
            self.held = before


clock = Clock()
"""There is one, as there is one record."""
