"""How an actor waits: for a socket, for a live server, for others to come to rest.

Rules of this file:

- The actor's own thread sets what it waits for, without the lock. So whoever looks at the waits
  looks once, and may be told of a wait that is over by then.
- A wait of the cell's ends in any case: when it cannot end any more (`Deadlock`, at once), when
  its time is up, or with the patience. Only a thread that is busy, or a timer that will ring, is
  waited for as long as that takes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from helpers.record import signals, standing
from helpers.record.actors import Actors
from helpers.record.at_rest import LOOK_AGAIN, Onlooker
from helpers.record.clock import clock
from helpers.record.event_loop import serves_its_own_peer
from helpers.record.explain import deadlock_message, own_loop_message, patience_message
from helpers.record.lock import DrainingLock
from helpers.record.model import ActorState, Call, Deadlock, Wait
from helpers.record.wait_for import Progress, blocked_on, can_end, is_worked_on, may_come
from helpers.record.wakeup import LONGEST, SLICE
from helpers.record.watchers import Watchers

PATIENCE = 10.0
"""Seconds that a cell waits for a program that is not recorded.

A choice: long enough to start that program by hand, short enough to sit through."""

QUIET_TIME = 0.05
"""Seconds in which the kernel must have moved what it can between its own buffers.

The longest that Linux puts off by itself is an acknowledgement: 40 ms (TCP_DELACK_MIN in
include/net/tcp.h)."""

LOOK_EVERY = 0.025
"""Seconds after which a waiting cell looks whether its wait can still end: twice in QUIET_TIME."""

MANY_CHANGES = 20
"""Changes after which who watches does not look at each: a flood of calls has thousands in a
second, and each look holds them up."""

LOOK_SELDOM = 0.005
"""Seconds between two looks then: a thread may keep the interpreter so long as well
(`sys.getswitchinterval`)."""

TRUST_KERNEL = 0.5
"""Seconds after which "nothing to read" from the kernel overrules the account.

Ten times QUIET_TIME: a busy machine may hold up the kernel's own work for a while."""


class Quiet(NamedTuple):
    """Since when nobody has moved: who waited then, waits now, and in the same wait."""

    waits: frozenset[object]
    """The waits, or for one that is made over and over its key."""
    since: float


class Waiting:
    """The waits of the actors."""

    def __init__(self, lock: DrainingLock, actors: Actors, watchers: Watchers) -> None:
        self.patience = PATIENCE
        self._lock = lock
        self._actors = actors
        self._watchers = watchers

    # For sockets

    def wait(self, call: Call, fd: int, write: bool, deadline: float | None) -> bool:
        """Wait until the socket is ready. False if `deadline` (`clock.now`) passes first.

        Raises `Stopped` in a live server that is asked to stop, and `Deadlock` in a cell
        whose wait cannot end.
        """
        state = call.state
        waker = state.waker or state.begin_to_wait()
        is_cell = state is self._actors.cell
        guarded = deadline is None and is_cell
        now = time.monotonic if guarded else clock.now
        limit = now() + self.patience if guarded else deadline
        left = min(LOOK_EVERY, self.patience) if guarded else None
        quiet: Quiet | None = None
        call.has_waited = True
        try:
            wait = Wait(call, fd, write, deadline is not None, until=deadline)
            self._start(state, wait)
            while True:
                if deadline is not None:
                    left = min(deadline - clock.now(), SLICE if is_cell else LONGEST)
                if call.held:
                    wait.fd = fd = call.held[0].fileno()
                ready, woken = waker.wait(fd, write, left)
                if woken:
                    waker.drain()
                    state.stop_if_asked()
                if woken and state.time_is_up is wait:
                    return False
                if ready:
                    return True
                if guarded:
                    quiet = self._judge(state, quiet)
                if limit is not None and now() >= limit:
                    if guarded:
                        limit = self.be_patient(state)
                    elif not woken:  # else it was not the time that ended the wait: look once more
                        return False
        finally:
            state.wait = None

    @contextmanager
    def selecting(self, state: ActorState, wait: Wait) -> Iterator[None]:
        """The actor waits for any of several sockets inside the block."""
        try:
            self._start(state, wait)
            yield
        finally:
            state.wait = None

    def _start(self, state: ActorState, wait: Wait) -> None:
        wait.repeated = wait.bounded and wait.key == state.timed_out
        state.wait = wait  # first; then look for watchers (see `watchers.py`)
        if self._watchers.watching or self._watchers.subscribers:
            self._watchers.moved(state)

    # For other actors

    def wait_for_server(self, server: ActorState, timeout: float | None) -> bool:
        """Wait until a live server has ended. False after `timeout` seconds.

        Raises `Deadlock` if the server waits for this very actor, or where there is no
        `timeout` and the patience ends. It does not end as long as the server is only busy.
        """
        state = self._actors.state()
        waker = state.ready_to_wait()
        limit = time.monotonic() + (self.patience if timeout is None else timeout)
        quiet: Quiet | None = None
        wait = Wait(None, None, False, timeout is not None, server)
        with self._watchers.entered(state), self.selecting(state, wait):
            while server in self._actors.active:
                left = limit - time.monotonic()
                if left <= 0:
                    if timeout is not None:
                        return False
                    limit = self.be_patient(state)
                    continue
                quiet = self._judge(state, quiet)
                waker.wait(None, False, min(left, LOOK_EVERY))
                waker.drain()
                state.stop_if_asked()
            state.follow(server.clock)
            return True

    def wait_for_thread(
        self,
        state: ActorState,
        has_ended: Callable[[float], bool],
        actor: Callable[[], ActorState | None],
        how: str,
    ) -> None:
        """The cell waits for a thread: `has_ended(seconds)` waits a moment, and tells.

        `actor` gives the actor of that thread, if it has one. Raises `Deadlock` if it waits for
        this very cell, or has waited for others as long as the patience lasts: in a socket call, or
        for another thread (`ActorState.stands`).
        """
        quiet: Quiet | None = None
        stood: frozenset[object] = frozenset()
        limit = time.monotonic() + self.patience
        wait = Wait(None, None, False, False, how=how)
        while not has_ended(LOOK_EVERY):
            wait.server = actor()
            if wait.server is None or wait.server is state:
                limit = time.monotonic() + self.patience
                continue
            with self.selecting(state, wait):
                quiet = self._judge(state, quiet)
                with self._lock.hold():
                    group = can_end(state, self._actors.active)[1]
                    waits = frozenset(each.wait for each in group if each is not state)
                if waits != stood:
                    stood, limit = waits, time.monotonic() + self.patience
                elif time.monotonic() >= limit:
                    limit = self.be_patient(state)

    def watch(self, condition: Callable[[], bool], timeout: float, poll: float) -> bool:
        """Wait until `condition` holds, looking at each change and every `poll` seconds.

        False after `timeout` seconds. Those that this thread was late do not count: on a busy
        machine the others were so, too, and it has not looked.
        """
        state = self._actors.state()
        waker = state.ready_to_wait()
        limit, changes = time.monotonic() + timeout, 0
        with self._watchers.entered(state):
            while not condition():
                began = time.monotonic()
                if began >= limit:
                    return False
                left = min(limit - began, poll)
                _, woken = waker.wait(None, False, left)
                limit += max(0.0, time.monotonic() - began - left)
                if woken:  # each system call gives the interpreter to a thread that computes
                    waker.drain()
                    changes += 1
                    if changes > MANY_CHANGES:
                        time.sleep(LOOK_SELDOM)
            return True

    def settle(self, states: list[ActorState], timeout: float, look: bool = False) -> bool:
        """Wait until these actors have done all they can. False after `timeout` seconds.

        Who only wants to `look` does not wait for what a thread does by itself: it may sleep,
        compute, or wait for another thread. The running actor then comes after all that they did.
        A thread that was started, and that the system has not let go on yet, is waited for as well.
        """
        doubted: dict[Wait, float] = {}
        onlooker = Onlooker() if look else None
        starts, new = Onlooker(), set[threading.Thread]()

        def is_settled(state: ActorState) -> bool:
            if self.has_settled(state, doubted):
                return True
            return onlooker is not None and onlooker.is_at_rest(state)

        def has_begun(thread: threading.Thread) -> bool:
            if starts.thread_is_at_rest(thread):
                self._actors.is_no_newcomer(thread)
            return thread not in self._actors.newcomers()

        def all_settled() -> bool:
            came = self._actors.newcomers()
            new.update(came)
            begun = all([has_begun(each) for each in came])
            actors = [it for it in map(self._actors.moment_of, new) if isinstance(it, ActorState)]
            with self._lock.hold():  # looks at each, every time
                rest = [self.has_settled(it, doubted) or starts.is_at_rest(it) for it in actors]
                return all([*map(is_settled, states), *rest]) and begun

        if not self.watch(all_settled, timeout, QUIET_TIME if onlooker is None else LOOK_AGAIN):
            return False
        for state in states:
            self._actors.state().follow(state.clock)
        return True

    def has_settled(self, state: ActorState, doubted: dict[Wait, float]) -> bool:
        """Whether the actor has done all it can. The caller holds the lock.

        `doubted` is the caller's memory from one look to the next: since when a wait, that by
        the account could go on, has not.
        """
        if state not in self._actors.active:
            return True
        wait = state.wait
        if wait is None:
            return False
        if wait.is_over:
            doubted.pop(wait, None)
            return False
        progress = blocked_on(wait).progress
        in_doubt = wait.several is not None or may_come(wait)
        if progress in (Progress.MOVING, Progress.QUIET) or in_doubt:
            since = doubted.setdefault(wait, time.monotonic())
            needed = TRUST_KERNEL if progress is Progress.MOVING else QUIET_TIME
            return time.monotonic() - since >= needed
        return True

    # A wait that cannot end

    def _judge(self, state: ActorState, quiet: Quiet | None) -> Quiet | None:
        """Raise `Deadlock` if the actor's wait cannot end.

        Nobody can move, and nobody has for `QUIET_TIME`: then the kernel has moved all that
        it had, also what was sent without a recorded call. Returns since when it is quiet.
        """
        now = time.monotonic()
        confirmed = quiet is not None and now - quiet.since >= QUIET_TIME
        unknown = confirmed and bool(self._actors.unknown_threads())  # looked at first: see below
        with self._lock.hold():
            active = self._actors.active
            now_waiting = [each.wait for each in active]
            waits = frozenset(
                wait.key if wait is not None and wait.repeated else wait for wait in now_waiting
            )
            progress, group = can_end(state, active)
            if progress < Progress.QUIET:
                return None
            if quiet is None or quiet.waits != waits:
                return Quiet(waits, now)
            if not confirmed:
                return quiet
            # Only who runs can start a thread. So if there was no unknown one before, and
            # nobody runs now, then there is none.
            if unknown or any(each is None or each.is_over for each in now_waiting):
                return Quiet(waits, now)
            if not signals.may_come():
                raise Deadlock(self._own_loop(state) or deadlock_message(group))
            return Quiet(waits, now)

    def be_patient(self, state: ActorState) -> float:
        """Raise `Deadlock` in an actor that has waited for as long as its patience lasts.

        Not if it waits for a recorded thread that is only busy or late, or that waits for one which
        is, nor while a timer will run a signal handler. Patience is for programs that are not
        recorded. Returns when to ask again (time.monotonic).
        """
        again = self.patience

        def is_trusted(wait: Wait) -> bool:
            nonlocal again
            again = min(again, TRUST_KERNEL)
            now = time.monotonic()
            if wait.doubted is None:
                wait.doubted = now
            return now - wait.doubted < TRUST_KERNEL

        # First: one that has let another go on may be gone by the time that this one is looked at.
        others_run = standing.somebody_else_runs(self._actors)
        standing.look_at(list(self._actors.active))
        with self._lock.hold():
            is_going_on = is_worked_on(state, self._actors.active, is_trusted)
            looked_once = any(each.stood_at is not None for each in self._actors.active)
        if looked_once:
            again = min(again, TRUST_KERNEL)
        if not is_going_on and any(each.stands for each in list(self._actors.active)):
            is_going_on = others_run
        if not is_going_on and not signals.timer_is_armed():
            raise self.out_of_patience(state)
        return time.monotonic() + again

    def out_of_patience(self, state: ActorState) -> Deadlock:
        """What to raise in an actor that has waited for as long as its patience lasts."""
        with self._lock.hold():
            group = can_end(state, self._actors.active)[1]
            told = self._own_loop(state) or patience_message(self.patience, group)
            return Deadlock(told)

    @staticmethod
    def _own_loop(state: ActorState) -> str:
        return own_loop_message(state) if serves_its_own_peer(state) else ""
