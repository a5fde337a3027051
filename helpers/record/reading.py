"""How the record is read: in causal order, from a cursor on, and what is left out of it.

Rules of this file:

- What was noted becomes events only here, when somebody reads.
- A call that is `left_out` counts as others do, and no ladder shows it.
- The record can begin anew for a while (`isolated`): what was there before is kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from helpers.record.actors import Actors
from helpers.record.events import Event
from helpers.record.lock import DrainingLock
from helpers.record.log import Log
from helpers.record.model import ActorState, Call


class EventsRead(NamedTuple):
    """What `Record.read` gives: as `Log.read`, with the calls that wait now."""

    events: tuple[Event, ...]
    cursor: int
    lost: int


class Reading:
    """The log of the calls, for those who look."""

    def __init__(self, lock: DrainingLock, actors: Actors) -> None:
        self.lock = lock
        self.actors = actors
        self.main_log = self.log = Log(lock)
        """`log` takes the calls now: inside `isolated` another one than the main log."""
        self.shown = 0
        """The cursor of `timeline()`. Going back to an earlier cell moves it on, too."""
        self.begun_anew = 0
        """In a cell that runs again: no ladder shows how older sockets than this number go."""

    def read(self, cursor: int = 0, which: Callable[[Call], bool] | None = None) -> EventsRead:
        """The events from `cursor` on that are kept, and the calls that wait now.

        In causal order; with the cursor to read on from, and how many events were lost. `which`
        leaves calls out before they are put in order: that is what takes long.
        """
        with self.lock.hold():
            news = self.log.read(cursor)  # first: whose wait is over meanwhile is in neither
            waiting = self._waiting_calls()
        calls = [call for call in (*news.calls, *waiting) if not call.left_out]
        if which is not None:
            return EventsRead(_in_order(filter(which, calls)), news.cursor, news.lost)
        events = _in_order(calls)
        kept = _with_their_sends(events) if news.lost else events
        return EventsRead(kept, news.cursor, news.lost + len(events) - len(kept))

    def events(self) -> tuple[Event, ...]:
        """All events that are kept, and the calls that are waiting now, in causal order."""
        return self.read().events

    def waiting_calls(self) -> tuple[Event, ...]:
        """The calls that are waiting now."""
        with self.lock.hold():
            waiting = self._waiting_calls()
        return _in_order(waiting)

    def _waiting_calls(self) -> list[Call]:
        waits = [state.wait for state in self.actors.active]
        return [wait.call for wait in waits if wait is not None and wait.call is not None]

    @contextmanager
    def probing(self, everything: bool = False) -> Iterator[None]:
        """The running thread looks at sockets for a check inside the block.

        Its calls count as others do, but no ladder shows how it looks: limits of time that it sets,
        and calls that found nothing. With `everything` also what it receives is not shown.
        """
        here, cursor = self.actors.state(), self.log.read().cursor
        try:
            yield
        finally:
            for call in self.log.read(cursor).calls:
                if call.state is here:
                    call.left_out = everything or call.only_looked

    def leave_out(self, actors: Iterable[ActorState], cursor: int) -> None:
        """No ladder shows what these actors have done from the cursor on."""
        them = set(actors)
        for call in self.log.read(cursor).calls:
            call.left_out = call.left_out or call.state in them

    @contextmanager
    def isolated(self, log: Log | None = None) -> Iterator[None]:
        """The record begins anew inside the block, and is as it was before behind it.

        `log` takes the calls inside the block. Only what the actors did that were there before,
        such as a server of another cell, is kept of it.
        """
        here = self.actors.state()
        with self.lock.hold():
            others = self.actors.active - {here}
            outer, shown = self.log, self.shown
            self.log, self.shown = log or Log(self.lock), 0
        try:
            yield
        finally:
            with self.lock.hold():
                inner, self.log, self.shown = self.log, outer, shown
                outer.extend(call for call in inner.read().calls if call.state in others)


def _in_order(calls: Iterable[Call]) -> tuple[Event, ...]:
    return tuple(sorted((call.freeze() for call in calls), key=lambda event: event.sort_key))


def _with_their_sends(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Without the receives whose sends are forgotten: with a send its receive is forgotten, too.

    But not more than half of all: one side may have done all it did after the other.
    """
    known = {event.number for event in events}

    def is_kept(event: Event) -> bool:
        crossed = [cause for cause in event.causes if cause.kind in ("data", "datagram")]
        return not crossed or any(cause.event in known for cause in crossed)

    kept = tuple(filter(is_kept, events))
    return kept if 2 * len(kept) >= len(events) else events
