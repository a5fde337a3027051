"""Things of the standard library that count: queues, semaphores, barriers. Each has several times.

What is handed over there has an order of its own, so each item, permit or arrival has its own
Lamport time. For the rest, and the rules of this file, see `synchronizing.py`.
"""

from __future__ import annotations

import _thread
import itertools
import queue
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from helpers.record.actors import Actors

Plain = Callable[..., Any]

_TIMES = "_recorded_clocks"
"""The attribute of the object with the Lamport times that were left there."""


class _Items:
    """The times at which the items of a queue were put there."""

    def __init__(self, owner: Any) -> None:
        self.puts = owner._qsize()
        self.clocks: dict[int, list[int]] = {}
        """By id(item): the queue keeps it alive."""
        self.room: deque[int] = deque()
        """For a queue with a limit: the times at which items were taken."""


class _Permits:
    """The times at which a semaphore was released."""

    def __init__(self, owner: Any) -> None:
        self.free = owner._value
        self.taken = self.latest = 0
        self.clocks: deque[int] = deque()
        self.takers: set[int] = set()


class _Arrivals:
    """The times at which threads came to a barrier, for each meeting there."""

    def __init__(self, owner: Any) -> None:
        self.arrivals = itertools.count()
        self.clocks: defaultdict[int, list[int]] = defaultdict(list)


def _noted(owner: Any, kind: Callable[[Any], Any]) -> Any:
    """What is noted of the object, from now on."""
    found = owner.__dict__.get(_TIMES)
    return owner.__dict__.setdefault(_TIMES, kind(owner)) if found is None else found


def putting(actors: Actors, plain: Plain) -> Plain:
    def _put(self: Any, item: Any) -> None:
        noted = _noted(self, _Items)
        here = actors.moment_here()
        noted.puts += 1
        if 0 < self.maxsize < noted.puts and noted.room:
            here.follow(noted.room.popleft())  # the get() that made room for this item
        noted.clocks.setdefault(id(item), []).append(here.clock)
        plain(self, item)

    return _put


def getting(actors: Actors, plain: Plain) -> Plain:
    first_first, last_first = plain is queue.Queue._get, plain is queue.LifoQueue._get

    def _get(self: Any) -> Any:
        item = plain(self)
        noted = _noted(self, _Items)
        here = actors.moment_here()
        clocks = noted.clocks.get(id(item))
        if clocks:
            newest = clocks.index(max(clocks))  # several priorities: of equal items any may come
            here.follow(clocks.pop(0 if first_first else -1 if last_first else newest))
            if not clocks:
                del noted.clocks[id(item)]
        if self.maxsize > 0:
            noted.room.append(here.clock)
        return item

    return _get


def releasing(actors: Actors, plain: Plain) -> Plain:
    def release(self: Any, n: int = 1) -> None:
        noted = _noted(self, _Permits)
        if isinstance(n, int):
            clock = actors.moment_here().clock
            noted.latest = max(noted.latest, clock)
            noted.clocks.extend([clock] * n)
        plain(self, n)

    return release


def acquiring(actors: Actors, plain: Plain) -> Plain:
    def acquire(self: Any, *arguments: Any, **named: Any) -> Any:
        noted = _noted(self, _Permits)
        got = plain(self, *arguments, **named)
        if got:
            noted.takers.add(_thread.get_ident())
            noted.taken += 1
            clock = noted.clocks.popleft() if noted.taken > noted.free and noted.clocks else 0
            # Of several that acquire, nobody knows which has got which permit.
            actors.moment_here().follow(noted.latest if len(noted.takers) > 1 else clock)
        return got

    return acquire


def meeting(actors: Actors, plain: Plain) -> Plain:
    def wait(self: Any, *arguments: Any, **named: Any) -> Any:
        noted = _noted(self, _Arrivals)
        here = actors.moment_here()
        meeting = next(noted.arrivals) // self.parties
        noted.clocks[meeting].append(here.clock)
        got = plain(self, *arguments, **named)
        here.follow(max(noted.clocks[meeting]))
        noted.clocks.pop(meeting - 1, None)  # nobody is there any more
        return got

    return wait
