"""`time.sleep()` while a check runs: it lasts as long as it does elsewhere, and it can be ended.

Rules of this file:

- CPython raises an exception in another thread only between two steps of it. So a long sleep is
  made of short ones.
- Who sleeps, and for how long, is known. The course's own code sleeps as before.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from helpers.exercises.stand_ins import is_ours, standing_in

_plain = time.sleep

SLICE = 0.05
"""Seconds of one short sleep: so long it takes at most until a thread that sleeps is ended."""


class Sleepers:
    """Those that sleep."""

    def __init__(self) -> None:
        self.seconds: dict[int, float] = {}
        """How long the sleep lasts in which a thread is now, by its `ident`."""
        self.begun: Counter[int] = Counter()
        """How many sleeps each thread has begun in this run."""


sleepers = Sleepers()


def sleep(seconds: Any, /) -> None:
    """Sleep for so many seconds. Raises what `time.sleep()` raises."""
    if not isinstance(seconds, int | float) or not seconds >= 0 or is_ours(sys._getframe(1)):
        return _plain(seconds)
    here = threading.get_ident()
    until = time.monotonic() + seconds
    sleepers.begun[here] += 1
    sleepers.seconds[here] = seconds
    try:
        _plain(min(seconds, SLICE))
        while (left := until - time.monotonic()) > 0:
            _plain(min(left, SLICE))
    finally:
        sleepers.seconds.pop(here, None)


def watched(function: Callable[..., Any]) -> AbstractContextManager[None]:
    """Inside the block a sleep is known: also where the program has imported the name itself."""
    sleepers.begun.clear()
    return standing_in(function, {"sleep": sleep})
