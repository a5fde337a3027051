"""Which threads take part: the actor of each, and which of them others may wait for.

Rules of this file:

- A thread becomes an actor with its first call, unless it is entered as one before.
- It is active until its thread is over. A thread may end anywhere, so that takes no lock: it is
  told to the next holder of the lock.
- Jupyter's own threads, and those that were there before the recorder, are ignored.
"""

from __future__ import annotations

import itertools
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers.record.events import Actor
from helpers.record.lock import DrainingLock
from helpers.record.locks import can_take_a_lock
from helpers.record.model import ActorState, Moment
from helpers.record.watchers import Watchers

IGNORED_PACKAGES = frozenset(
    {
        "debugpy",
        "ipykernel",
        "jupyter_client",
        "jupyter_server",
        "pydevd",
        "tornado",
        "traitlets",
        "zmq",
    }
)
"""Packages whose own sockets and threads are not recorded."""

THREAD_ORDER = 1000
"""`Actor.order` of a plain thread: behind the cell and the servers."""


class Actors:
    """The threads that make calls."""

    def __init__(self, lock: DrainingLock, watchers: Watchers) -> None:
        self._lock = lock
        self._watchers = watchers
        self.local = threading.local()
        """`state`: the actor of the running thread, if it has one by now."""
        self.active: set[ActorState] = set()
        self.cell: ActorState | None = None
        """The actor of the notebook's cells (or of the program that records itself)."""
        self._ignored: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        self._moments: weakref.WeakKeyDictionary[threading.Thread, Moment] = (
            weakref.WeakKeyDictionary()
        )
        """What each thread comes after: its actor, or what its starter had done."""
        self._newcomers: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        """Threads that were started, and of which nothing more is known by now."""
        self.at_end: Callable[[], object] = int
        """Called in each thread of an actor that ends, at its end. It takes no lock."""

    # The running thread

    def state(self) -> ActorState:
        """The actor of the running thread."""
        try:
            found: ActorState = self.local.state
            return found
        except AttributeError:
            name = threading.current_thread().name
            with self._lock.hold():
                alike = {each.actor.serial for each in self.active if each.actor.name == name}
                serial = next(number for number in itertools.count() if number not in alike)
                moment = self.moment_here()
                state = ActorState(Actor(THREAD_ORDER, name, "thread", serial), moment.clock)
                state.takes_locks = moment.takes_locks
                if moment.to_stop is not None:
                    state.ask_to_stop(moment.to_stop)
                # First: a check may interrupt the thread anywhere, and nobody enters it for ever.
                self.local.end = ThreadEnd(lambda: self._ended(state))
                self.enter(state)
            return state

    def known_here(self) -> ActorState | None:
        """The actor of the running thread, if it has made a call by now."""
        return getattr(self.local, "state", None)

    def moment_here(self) -> Moment:
        """What the running thread comes after: also one that makes no call, and only hands over.

        Quick, and takes no lock: the program's own synchronisation asks for it.
        """
        found: Moment | None = getattr(self.local, "state", None)
        if found is None:
            found = getattr(self.local, "moment", None)
        if found is not None:
            return found
        # Not current_thread(): a thread that is about to start has no entry yet, and would get one.
        thread = threading._active.get(threading.get_ident())  # type: ignore[attr-defined]
        if thread is None:
            return Moment(0)
        found = self.local.moment = self._moments.setdefault(thread, Moment(0))
        return found

    def moment_of(self, thread: threading.Thread) -> Moment:
        """What this thread has come to, so far as it is known."""
        return self._moments.get(thread) or Moment(0)

    def starts(self, thread: threading.Thread) -> None:
        """The running thread is about to start this one: it comes after what was done before."""
        moment = Moment(self.moment_here().clock, can_take_a_lock(thread))
        starter = self.known_here()
        if starter is not None and starter.stopping:
            moment.to_stop = starter.stop_clock
        self._moments[thread] = moment
        self._newcomers.add(thread)

    def ask_to_stop(self, thread: threading.Thread, clock: int) -> None:
        """Let it unwind at a call that can wait: also if it has made none yet, as one that is late.

        So do the threads that it starts from now on.
        """
        with self._lock.hold():
            moment = self._moments.setdefault(thread, Moment(0))
            if isinstance(moment, ActorState):
                moment.ask_to_stop(clock)
            else:
                moment.to_stop = clock

    def newcomers(self) -> list[threading.Thread]:
        """Threads that have been started, and have neither made a call nor been seen at rest.

        The system may not have let them go on yet, so whoever looks waits for their first step.
        """
        if not self._newcomers:
            return []
        alive = sys._current_frames()
        found = [each for each in list(self._newcomers) if each.ident in alive]
        return [each for each in found if not self.is_ignored(each)]

    def is_no_newcomer(self, thread: threading.Thread) -> None:
        """It has been seen at rest."""
        self._newcomers.discard(thread)

    def waited_for_here(self) -> ActorState | None:
        """The actor of the running thread, if it is one that others may wait for."""
        state = self.known_here()
        if state is None:
            return None if self.is_ignored(threading.current_thread()) else self.state()
        return state if state in self.active else None

    def acts_ignored(self) -> bool:
        """Whether the running thread was there before the recorder, and acts for nobody."""
        acts = getattr(self.local, "acts", False)
        return not acts and threading.current_thread() in self._ignored

    @contextmanager
    def acting_as(self, state: ActorState) -> Iterator[None]:
        """The running thread makes its calls as this actor inside the block.

        The actor is not active: nobody waits until it has come to rest, and no verdict on a
        deadlock counts on it. Whoever lends it to several threads sees to it that they take
        turns.
        """
        before = dict(self.local.__dict__)
        self.local.state = state
        self.local.acts = True
        try:
            yield
        finally:
            self.local.__dict__.clear()
            self.local.__dict__.update(before)

    # The beginning and the end of an actor

    def expect(self, state: ActorState) -> None:
        """The actor's thread is about to start. From now on it can be asked to stop."""
        state.ready_to_wait()
        with self._lock.hold():
            self.active.add(state)

    def enter(self, state: ActorState) -> None:
        """The running thread makes its calls as this actor from now on."""
        before = self.known_here()
        self.local.state = state
        state.ident, state.native = threading.get_ident(), threading.get_native_id()
        self._moments[threading.current_thread()] = state
        self._newcomers.discard(threading.current_thread())
        with self._lock.hold():
            if before is not None:
                self._remove(before)
            self.active.add(state)

    def leave(self, state: ActorState) -> None:
        """The actor's thread is about to end."""
        self.local.__dict__.pop("state", None)
        with self._lock.hold():
            self._remove(state)
        self.at_end()

    def _ended(self, state: ActorState) -> None:
        """The thread of this actor is over. Takes no lock: it may be told at any moment."""
        try:
            state.end()
        finally:
            self._lock.tell(lambda: self._remove(state))
        self.at_end()

    def forget_the_dead(self) -> None:
        """Remove the actors whose threads are over, and were interrupted when they told of it."""
        alive = sys._current_frames()
        with self._lock.hold():
            for state in list(self.active):
                if state.ident is not None and state.ident not in alive:
                    self._remove(state)

    def _remove(self, state: ActorState) -> None:
        self.active.discard(state)
        state.end()
        self._watchers.moved(state)

    # The others

    def ignore(self, *threads: threading.Thread) -> None:
        """These threads make no call that a deadlock could count on."""
        self._ignored.update(threads)

    def begin_with(self, state: ActorState) -> None:
        """The running thread is the cell; the threads that are there already are ignored.

        Lamport times begin anew: who joins a thread of an earlier recording comes after nothing.
        """
        self._moments = weakref.WeakKeyDictionary()
        self._newcomers = weakref.WeakSet()
        here = threading.current_thread()
        self._ignored = weakref.WeakSet(each for each in threading.enumerate() if each is not here)
        self.enter(state)
        self.cell = state

    def is_ignored(self, thread: threading.Thread) -> bool:
        """Whether the thread is Jupyter's own.

        It starts some when they are first needed: for a page that opens, for a large message.
        """
        package = type(thread).__module__.partition(".")[0]
        return thread in self._ignored or package in IGNORED_PACKAGES

    def unknown_threads(self) -> list[threading.Thread]:
        """The threads that are alive and have made no call yet, and so could make one."""
        with self._lock.hold():
            known = {state.ident for state in self.active if state.ident is not None}
        return [
            thread
            for thread in threading.enumerate()
            if thread.ident not in known and not self.is_ignored(thread)
        ]


class ThreadEnd:
    """Kept in a thread's local storage: calls `tell` when that thread is over."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def __del__(self) -> None:
        self._tell()
