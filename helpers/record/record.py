"""The record: one list of calls, the actors that make them, and how they wait.

Rules of this file, and of what `Record` is made of:

- There is one record in a process (`record`). Its parts share its lock (`lock.py`), and none of
  them knows the record.
- A socket method begins a call, tells the parts what it does, and ends the call (`done`,
  `failed`). What it noted is read from the log, and becomes events only then.
- It knows nothing of sockets' classes, of IPython, of views or of the course.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from helpers.record.actors import Actors
from helpers.record.busy_loop import made_no_progress
from helpers.record.events import Event, Outcome
from helpers.record.lock import DrainingLock
from helpers.record.log import Log
from helpers.record.methods import SENDING
from helpers.record.model import ActorState, Call, Deadlock, SocketInfo, Stopped
from helpers.record.synchronizing import Synchronizing
from helpers.record.tls import TLSAccount
from helpers.record.tracker import Tracker
from helpers.record.waiting import Waiting
from helpers.record.watchers import Watchers
from helpers.record.wire import Wire
from helpers.text import error_text


class EventsRead(NamedTuple):
    """What `Record.read` gives: as `Log.read`, with the calls that wait now."""

    events: tuple[Event, ...]
    cursor: int
    lost: int


class Record:
    """Everything that was recorded in this process."""

    def __init__(self) -> None:
        self.enabled = False
        self.loopback_only = False
        """Refuse every listen() that other computers could reach."""
        self.refused_binds = 0
        """So many calls of bind() with a port other than 0 fail: somebody else has it."""
        self.short_sends = False
        """A send() that has to wait takes only a part of the data, as it may (man 2 send)."""
        self.lock = DrainingLock()
        self.wire = Wire()
        self.watchers = Watchers(self.lock)
        self.actors = Actors(self.lock, self.watchers)
        self.synchronizing = Synchronizing(self.actors)
        self.waiting = Waiting(self.lock, self.actors, self.watchers)
        self.tracker = Tracker(self.lock, self.wire, self.watchers)
        self.tls = TLSAccount(self.lock, self.wire, self.tracker)
        self.main_log = self.log = Log(self.lock)
        """`log` takes the calls now: inside `isolated` another one than the main log."""
        self.among_locks = 0
        """Lamport time of the latest call of the threads that may hand over by a lock."""
        self.shown = 0
        """The cursor of `timeline()`. Going back to an earlier cell moves it on, too."""
        self.begun_anew = 0
        """In a cell that runs again: no ladder shows how older sockets than this number go."""
        self._local = self.actors.local
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked, after_in_parent=self.wire.untrack)

    def _forked(self) -> None:
        """A child process records nothing: its parent cannot see it."""
        self.lock.renew()
        self.enabled = False

    # A call

    def begin(
        self,
        sock: Any,
        info: SocketInfo | None,
        name: str,
        arguments: tuple[Any, ...] = (),
        can_wait: bool = False,
    ) -> Call | None:
        """A call begins. None if it is not to be recorded.

        Raises `Stopped` in a live server that is asked to stop.
        """
        if info is None or not self.enabled:
            return None
        try:
            state: ActorState = self._local.state
        except AttributeError:
            state = self.actors.state()
        if can_wait and state.stopping:
            state.stop_if_asked()
        if not info.name and info.name_tries and name != "socket":
            info.learn_name(sock)
        began, used = state.clock, info.used
        began = (began if began > used else used) + 1
        if state.takes_locks and self.among_locks >= began:
            began = self.among_locks + 1
        state.clock = began
        endpoint = info.endpoint
        if endpoint is not None:
            endpoint.owners.add(state)
        return Call(state, info, name, arguments, began)

    def done(self, call: Call, outcome: Outcome = "done") -> None:
        """The call returned (or raised, see `failed`)."""
        state = call.state
        call.outcome = outcome
        state.timed_out = None
        clock = call.clock
        if clock > state.clock:
            state.clock = clock
        info = call.info
        if clock > info.used:
            info.used = clock
        if state.takes_locks and clock > self.among_locks:
            self.among_locks = clock
        self.log.append(call)
        if self.watchers.subscribers:
            self.watchers.tell_subscribers()
        if call.no_progress:
            made_no_progress(state)
        elif call.size:
            state.no_progress = 0

    def failed(self, call: Call, error: BaseException) -> None:
        """The call raised."""
        told = type(error).__name__ if isinstance(error, Deadlock) else error_text(error)
        call.error = told.partition("\n")[0]
        self.tracker.failed(call, error)
        if call.has_waited and not call.causes and not (call.size and call.name in SENDING):
            self.broken_off(call, error)  # else: who receives what it sent comes after it
        call.no_progress = True
        self.done(call, "failed")
        if isinstance(error, TimeoutError):
            call.state.timed_out = (call.name, call.info.number)

    def broken_off(self, call: Call, error: BaseException) -> None:
        """A wait ended, and nothing came over the wire: the call ends now, not where it began.

        A stop comes from the one who stops. A wait whose time is up, that is interrupted, or that
        cannot end, has seen pass by all that was noted meanwhile.
        """
        stopped = isinstance(error, Stopped)
        ended = call.state.clock if stopped else max(self.log.latest(), call.info.used)
        if ended > call.clock:  # else nothing has happened meanwhile
            call.came_after(ended)

    def collected(self, info: SocketInfo) -> None:
        """A socket that was never closed is about to be collected. Takes no lock."""
        if not self.enabled:
            self.lock.tell(lambda: self.tracker.detached(info))
            return
        state = self.actors.known_here() or self.actors.cell
        if state is None:
            return
        state.clock = max(state.clock, info.used) + 1
        call = Call(state, info, "close", (), state.clock)
        call.remark = "not closed by the program: collected"
        call.aside = info.number < self.begun_anew  # its name was given to the new one
        call.outcome = "done"

        def enter() -> None:
            self.log.append(call)
            self.tracker.releasing(info, call.timestamp)

        self.lock.tell(enter)

    # Reading

    def read(self, cursor: int = 0, which: Callable[[Call], bool] | None = None) -> EventsRead:
        """The events from `cursor` on that are kept, and the calls that wait now.

        In causal order; with the cursor to read on from, and how many events were lost. `which`
        leaves calls out before they are put in order: that is what takes long.
        """
        with self.lock.hold():
            news = self.log.read(cursor)  # first: whose wait is over meanwhile is in neither
            waiting = self._waiting_calls()
        calls = [call for call in (*news.calls, *waiting) if not call.aside]
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
                    call.aside = everything or call.only_looked

    def leave_out(self, actors: Iterable[ActorState], cursor: int) -> None:
        """No ladder shows what these actors have done from the cursor on."""
        them = set(actors)
        for call in self.log.read(cursor).calls:
            call.aside = call.aside or call.state in them

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


record = Record()
