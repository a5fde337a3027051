"""Time as a program has it: what a busy machine takes away from it does not count.

Rules of this file:

- A limit of a check is a limit for the learner's program. While the system lets other programs
  run instead of this one, no time goes by.
- At least a quarter of the time on the wall counts: every wait ends, on any machine.
- A thread that ends takes its account with it. So it is read in the thread itself, at its end.
- Only Linux tells. Elsewhere all time counts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from helpers.record.model import Stopped
from helpers.record.record import record
from helpers.record.system_calls import ran_for

LOOK_EVERY = 0.005
"""Seconds between two looks at threads that make no call: as long as the interpreter lets one of
them run before another one may (sys.getswitchinterval())."""

SLOWEST = 4
"""A program is taken to run at least at this part of its speed."""

SHORT = 0.1
"""Seconds of a wait in which nobody asks the system yet: most waits end sooner."""


class FairTime:
    """A stopwatch."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._before = _held_up()

    def elapsed(self) -> float:
        """Seconds that this program had since the stopwatch was made."""
        wall = time.monotonic() - self._begun
        held_up = _held_up()
        lost = sum(spent - self._before.get(thread, 0) for thread, spent in held_up.items())
        return max(wall / SLOWEST, wall - lost / 1e9)

    def has_passed(self, seconds: float) -> bool:
        """Whether so many have elapsed. The system is asked only where it may be so."""
        return time.monotonic() - self._begun >= seconds <= self.elapsed()


def watch(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds. False when the program has had so many seconds."""
    first = min(seconds, SHORT)
    if record.waiting.watch(condition, first, LOOK_EVERY):
        return True
    clock = FairTime()
    while (left := seconds - first - clock.elapsed()) > 0:
        if record.waiting.watch(condition, left, LOOK_EVERY):
            return True
    return False


def seconds_run(thread: int | None) -> float | None:
    """Seconds that a thread, by its native number, has run; None where nobody tells."""
    if thread is None or sys.platform != "linux":
        return None
    with suppress(OSError):  # it has just ended
        return ran_for(thread) / 1e9
    return None


_ended = [0]
"""Nanoseconds for which those threads were held up that have ended by now."""


def note_the_end() -> None:
    """The running thread is about to end: what it was held up for is kept."""
    if sys.platform == "linux":
        with suppress(Stopped):  # who is interrupted here has nothing left to end
            _ended[0] += _held_up_for("/proc/thread-self")


def _held_up() -> dict[str, int]:
    """Nanoseconds for which each thread could have run, and was not let."""
    found: dict[str, int] = {}
    if sys.platform == "linux":
        found["ended"] = _ended[0]
        for thread in os.listdir("/proc/self/task"):
            found[thread] = _held_up_for(f"/proc/self/task/{thread}")
    return found


def _held_up_for(thread: str) -> int:
    with suppress(OSError), open(f"{thread}/schedstat", "rb") as file:
        return int(file.read().split()[1])  # Documentation/scheduler/sched-stats
    return 0
