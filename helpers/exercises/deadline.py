"""Until when a check may last: no wait of a run goes on for longer."""

from __future__ import annotations

import time
from collections.abc import Callable

from helpers.exercises import fair_time
from helpers.record.record import record

LEAST_PATIENCE = 0.1
"""Seconds that a peer waits at least for who is not recorded: as the time ends, it is over soon."""


class OutOfTime(Exception):
    """The check has used up its time."""


class Deadline:
    """A moment of the monotonic clock. Where the machine is busy, it comes later."""

    def __init__(self, end: float) -> None:
        self._end = end
        self._seconds = end - time.monotonic()
        self._clock = fair_time.FairTime()

    def left(self) -> float:
        """Seconds until then."""
        left = self._end - time.monotonic()
        return self._renewed() if left <= 0 < self._seconds else left

    def _renewed(self) -> float:
        """The same, when the system has been asked how much of the time this program had."""
        left = self._seconds - self._clock.elapsed()
        self._end = time.monotonic() + left
        return left

    def moment(self, before: float = 0.0) -> float:
        """The moment, as far as is known now, or one so many seconds before it."""
        left = self._renewed() if self._seconds > 0 else self.left()
        return time.monotonic() + left - before

    def sooner(self, seconds: float) -> Deadline:
        """A deadline so many seconds before this one."""
        return Deadline(self.moment(seconds))

    def check(self) -> None:
        """Raise OutOfTime if the time is used up. If not, no peer waits beyond it."""
        if self.left() <= 0:
            raise OutOfTime
        self.limit_patience()

    def limit_patience(self) -> None:
        """A wait for who is not recorded ends with the time, too."""
        record.waiting.patience = max(LEAST_PATIENCE, self.left())

    def watch(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until it holds. False after these seconds, or at the end of the time."""
        return fair_time.watch(condition, max(0.0, min(seconds, self.left())))
