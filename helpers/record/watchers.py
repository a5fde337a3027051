"""Who is told when something moves: the threads that watch, and the subscribers.

"Set first, then look." Who changes something sets it first, then looks for watchers. A watcher
enters itself first, then looks at what it waits for. So at least one of both sees the other, and
who changes something takes the lock only if somebody watches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers.record.lock import DrainingLock
from helpers.record.model import ActorState


class Watchers:
    """The actors that wait for a change of any other one, and the functions to call at each."""

    def __init__(self, lock: DrainingLock) -> None:
        self._lock = lock
        self.watching: list[ActorState] = []
        """An actor stands here once for each of its waits: a signal handler may wait as well."""
        self.subscribers: tuple[Callable[[], None], ...] = ()

    @contextmanager
    def entered(self, state: ActorState) -> Iterator[None]:
        """The actor is poked at each change inside the block."""
        with self._lock.hold():
            self.watching.append(state)
        try:
            yield
        finally:
            with self._lock.hold():
                self.watching.remove(state)

    def moved(self, state: ActorState) -> None:
        """The actor has done something that others may wait for."""
        if self.watching:
            with self._lock.hold():
                for watcher in self.watching:
                    if watcher is not state:
                        watcher.poke()
        self.tell_subscribers()

    def tell_subscribers(self) -> None:
        """Call each of them."""
        for tell in self.subscribers:
            tell()

    def subscribe(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever a call is over, a wait begins, or an actor is at its end.

        It is called in whichever thread that happens, perhaps with the lock held. So it must
        be quick, never fail and take no lock: it may set a flag, or poke a thread of its own.
        It comes after the fact, so who looks at the record afterwards sees what happened.
        """
        with self._lock.hold():
            self.subscribers = (*self.subscribers, tell)

    def unsubscribe(self, tell: Callable[[], None]) -> None:
        """Call it no more. Does nothing if it was not to be called."""
        with self._lock.hold():
            self.subscribers = tuple(each for each in self.subscribers if each != tell)
