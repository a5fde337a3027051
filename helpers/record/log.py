"""The calls, in the order in which they were noted, and one way to read them.

Rules of this file:

- A new call is appended without a lock: threads would wait for each other at each call. So
  whoever reads looks once, at a copy, which one C function makes.
- It is bounded: the oldest calls are forgotten, and counted. That takes the lock, so that a
  reader sees the start of the list and its place together.
- It belongs to its writers alone. Each reader keeps a cursor of its own, and takes nothing from
  the others. A cursor is a place in the log of all calls ever: the first one is 0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from helpers.record.lock import DrainingLock
from helpers.record.model import Call

CALLS_KEPT = 10_000
"""The list of calls is bounded: older ones are forgotten, and counted."""

FORGOTTEN_AT_ONCE = 100


class News(NamedTuple):
    """What `Log.read` gives."""

    calls: tuple[Call, ...]
    cursor: int
    """Where to read on the next time."""
    lost: int
    """How many calls after the cursor that was given are forgotten."""


class Log:
    """A bounded list of calls."""

    __slots__ = ("_calls", "_cleared", "_first", "_lock")

    def __init__(self, lock: DrainingLock) -> None:
        self._lock = lock
        self._calls: deque[Call] = deque()
        self._first = 0
        """The place of the oldest call that is kept."""
        self._cleared = 0
        """The place before which nothing counts as lost."""

    def append(self, call: Call) -> None:
        """Note a call that is over."""
        calls = self._calls
        calls.append(call)
        if len(calls) > CALLS_KEPT:
            with self._lock.hold():
                self._forget_oldest()

    def extend(self, calls: Iterable[Call]) -> None:
        """Note several."""
        self._calls.extend(calls)
        with self._lock.hold():
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        if len(self._calls) > CALLS_KEPT:  # nobody else was quicker
            while len(self._calls) > CALLS_KEPT - FORGOTTEN_AT_ONCE:
                self._calls.popleft()
                self._first += 1

    def read(self, cursor: int = 0) -> News:
        """The calls from `cursor` on that are kept."""
        with self._lock.hold():
            kept = tuple(self._calls.copy())
            first = self._first
            lost = max(0, first - max(cursor, self._cleared))
        return News(kept[max(0, cursor - first) :], first + len(kept), lost)

    def latest(self) -> int:
        """Lamport time of the latest call that is kept. It looks at all: for the end of a wait."""
        return max((call.clock for call in self.read().calls), default=0)

    def clear(self) -> None:
        """Forget all calls. They do not count as lost."""
        with self._lock.hold():
            while self._calls:
                self._calls.popleft()
                self._first += 1
            self._cleared = self._first
