"""The threads of the learner's function: have they done all they can, and how they are ended.

Rules of this file:

- A thread whose call waits is known to the record. Of one that makes no call, its frame tells
  whether it waits for another thread (`thread_state.py`). A clock decides only where both cannot.
- Who is idle gets work only from one who moves. So if nobody has moved since it turned out that
  the idle ones do nothing, they are not given that time again.
- Threads that were there before are not the function's: they are neither waited for nor ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from helpers.exercises import ending, fair_time
from helpers.exercises.fair_time import FairTime
from helpers.exercises.sleeping import sleepers
from helpers.exercises.thread_state import WAITING, ThreadState, thread_state, thread_states
from helpers.exercises.traffic import Traffic
from helpers.record.busy_loop import BUSY_LOOP
from helpers.record.clock import clock
from helpers.record.model import ActorState, Wait
from helpers.record.record import record

DOUBT_TIME = 0.3
"""Seconds given to a thread that the record does not know to take what is in flight. Chosen: on
busy cores a thread that has been given work begins with it in this time."""

COMPUTES = 0.5
"""Seconds of the processor without a call, after which a thread is taken to compute for ever. A
choice: a right program needs some hundredths between two calls."""

STOP_TIME = 0.3
"""Seconds given to the function to end when it is asked to, before it is interrupted. Chosen:
its blocks of `with` and `finally` need no more."""

GRACE = 0.1
"""Seconds given to a thread that waits for another one to notice that this one has ended. Chosen:
it only has to be let go on."""


CALLS_MORE = 100
"""Calls that a loop makes while it is looked at, before it is said to have no end. A choice: the
one that ends it may be under way already, and they take some hundredths of a second."""


class Threads:
    """The threads that are there now, and were not when this was made."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._here = record.actors.state()
        self._states_before = set(record.actors.active)
        self._before = set(threading.enumerate())
        self._doubted: dict[Wait, float] = {}
        self._polls: dict[ActorState, int] = {}
        """Who was in a loop that moves nothing, and after how many of its calls that was seen."""
        self._quiet: dict[Wait, object] = {}
        """What had moved around those that were doubted, when all were at rest."""
        self._unsure: FairTime | None = None
        self._take_nothing: frozenset[Any] = frozenset()
        """Who stood where when it turned out that the idle threads take nothing."""
        self._send_nothing: frozenset[Any] = frozenset()
        """Who stood where when it turned out that they send nothing."""
        self._ran: dict[int, tuple[int, float]] = {}
        """The clock of each thread when it was seen to call, and how long it had run by then."""

    def were_there_before(self, thread: threading.Thread | None) -> bool:
        """Whether it is none of the function's."""
        return thread in self._before

    # Looking

    def count(self) -> int:
        """How many there are."""
        return len(self.states()) + len(self._unknown())

    def doubt_anew(self) -> None:
        """What was seen so far says nothing from now on, but for waits where nothing has moved."""
        around = self._traffic.around
        self._doubted = {
            wait: since
            for wait, since in self._doubted.items()
            if wait in self._quiet and self._quiet[wait] == around(wait)
        }
        self._unsure = None
        self.poll_anew()

    def are_at_rest(self) -> bool:
        """Whether they have done all they can. `DOUBT_TIME` begins with the first look."""
        in_flight = self._traffic.is_in_flight
        unknown = self._unknown()
        stand = thread_states([(each.ident, each.native_id) for each in unknown])
        if ThreadState.RUNS in stand:
            return self._busy()
        unsure = any(each is not ThreadState.WAITS for each in stand)
        with record.lock.hold():
            states = self.states()
            idle = [each for each in states if each.wait is None]
            found = thread_states([(each.ident, each.native) for each in idle])
            at = dict(zip(idle, found, strict=True))
            # At each, every time: what is doubted is doubted at the same time.
            looks = [
                self._leaves_it_to_others(state, states)
                if at.get(state) is ThreadState.SLEEPS
                else self._look(state, at.get(state), in_flight)
                for state in states
            ]
        if None in looks or self._unknown() != unknown or self.states() != states:
            return self._busy()  # the last two: somebody has begun meanwhile
        if (unsure or True in looks) and in_flight and not self._take_nothing_more(unknown, states):
            return False
        self._quiet = {wait: self._traffic.around(wait) for wait in self._doubted}
        self._traffic.is_left()
        return True

    def _look(self, state: ActorState, stands: ThreadState | None, in_flight: bool) -> bool | None:
        """Whether it is unsure that this one is at rest; None if it is busy. Under the lock."""
        wait = state.wait
        if stands is not None:
            return stands is ThreadState.WAITS_A_WHILE if stands in WAITING else None
        if wait is None:
            return None  # its wait has just ended
        if _may_send_by_itself(state, wait):
            return None
        if wait.several is not None and not in_flight and not wait.is_over:
            return False
        return False if record.waiting.has_settled(state, self._doubted) else None

    @staticmethod
    def _leaves_it_to_others(sleeper: ActorState, states: list[ActorState]) -> bool | None:
        """Whether it is unsure that this one only sleeps, and others work; None if it may go on."""
        others_wait = any(each.wait is not None for each in states)
        return sleeper.ident not in sleepers.seconds if _is_first(sleeper) and others_wait else None

    def _take_nothing_more(self, unknown: list[threading.Thread], states: list[ActorState]) -> bool:
        """Whether those that are unsure had the time to take what is in flight, and did not."""
        scene = _scene(unknown, states)
        self._unsure = self._unsure or FairTime()
        if scene != self._take_nothing and not self._unsure.has_passed(DOUBT_TIME):
            return False
        self._take_nothing = scene
        return True

    def _busy(self) -> bool:
        self._unsure = None
        return False

    @property
    def doubt(self) -> float:
        """Seconds to wait for one that may just have begun, or have got work; 0.0 if all wait."""
        return DOUBT_TIME if self._idle_scene() else 0.0

    def _idle_scene(self) -> frozenset[Any]:
        """Who waits for what, if there is a thread that may just have begun, or have got work."""
        unknown = self._unknown()
        states = self.states()
        idle = [(each.ident, each.native_id) for each in unknown]
        idle += [
            (each.ident, each.native)
            for each in states
            if each.wait is None and not (_is_first(each) and each.ident in sleepers.seconds)
        ]
        doubtful = any(each is not ThreadState.WAITS for each in thread_states(idle))
        return _scene(unknown, states) if doubtful else frozenset()

    def may_send_more(self, has_come: Callable[[], bool]) -> bool:
        """Whether one that may just have begun, or have got work, moves within `DOUBT_TIME`.

        `has_come` says whether it has sent something meanwhile.
        """
        idle = self._idle_scene()
        if not idle or idle == self._send_nothing:
            return False

        def moves() -> bool:
            return has_come() or self._idle_scene() != idle

        if fair_time.watch(moves, DOUBT_TIME):
            return True
        self._send_nothing = idle
        return False

    def compute_for_ever(self) -> bool:
        """Whether one of them has used the processor for long, and made no call. Linux tells."""
        idle = [(each.native, each.clock) for each in self.states() if each.wait is None]
        idle += [(each.native_id, 0) for each in self._unknown()]
        for native, moment in idle:
            ran = fair_time.seconds_run(native)
            if native is None or ran is None:
                continue
            last, before = self._ran.setdefault(native, (moment, ran))
            if last != moment:
                self._ran[native] = moment, ran
            elif ran - before >= COMPUTES:
                return True
        return False

    def sleep_long(self, seconds: float) -> bool:
        """Whether there is one thread only, and it sleeps for so long, or longer."""
        states = self.states()
        unknown = self._unknown()
        if len(states) + len(unknown) != 1:
            return False
        ident = next(iter([*(each.ident for each in states), *(each.ident for each in unknown)]))
        return sleepers.seconds.get(ident or 0, 0.0) >= seconds

    def sleep_again(self, times: int) -> bool:
        """Whether one of them sleeps, and has done so at least so many times."""
        idents = [each.ident or 0 for each in self.states()]
        return any(each in sleepers.seconds and sleepers.begun[each] >= times for each in idents)

    def poll(self) -> bool:
        """Whether one of them calls again and again, and moves nothing: also since it is looked at.

        The call that ends the loop may be made and not be noted yet.
        """
        for each in self.states():
            count = each.no_progress
            if count <= BUSY_LOOP:
                self._polls.pop(each, None)
            elif count - self._polls.setdefault(each, count) >= CALLS_MORE:
                return True
        return False

    def poll_anew(self) -> None:
        """A loop that was seen by now may be over."""
        self._polls.clear()

    def _unknown(self) -> list[threading.Thread]:
        """Those that have made no call yet."""
        return [each for each in record.actors.unknown_threads() if each not in self._before]

    def states(self) -> list[ActorState]:
        """The actors of those that have made a call."""
        return [
            state
            for state in list(record.actors.active)
            if state is not self._here and state not in self._states_before
        ]

    def have_limits(self) -> bool:
        """Whether one of them waits with a time limit."""
        return any(each.wait is not None and each.wait.bounded for each in self.states())

    def let_time_pass(self, seconds: float | None = None) -> None:
        """Each wait that has a time limit ends as if its time were up.

        With `seconds` the clock must be held. It is put forward, and a wait of which more is left
        goes on. Without, a clock that is held is put forward to the end of the last limit.
        """
        self._traffic.doubt_anew()
        waits = [(state, state.wait) for state in self.states()]
        held = clock.held
        if held is not None:
            limits = [wait.until for _, wait in waits if wait is not None and wait.until]
            held.now = max([held.now, *limits]) if seconds is None else held.now + seconds
        for state, wait in waits:
            if held is None or wait is None or wait.until is None or held.is_over(wait.until):
                state.let_time_pass()

        def are_over() -> bool:
            return not any(state.time_is_up is wait is state.wait for state, wait in waits if wait)

        fair_time.watch(are_over, STOP_TIME)

    # Ending

    def end(self, compute: bool = False) -> None:
        """Ask them to stop, and interrupt who does not; at once where they `compute`.

        Python drops what is raised in a finalizer. So who still runs is interrupted once more.
        """
        for round_, interrupt in enumerate((True, True) if compute else (False, True, True)):
            left = self.left()
            if round_ > (not compute) and all(_state_of(each) in WAITING for each in left):
                break
            for thread in left:
                if interrupt or thread.ident in sleepers.seconds:
                    ending.interrupt(thread)
                self._ask_to_stop(thread)  # again: the first time it may not have begun
            _wait_for_end(left, STOP_TIME, or_idle=True)
        self._let_go_on()
        ending.forget_the_dead()

    def _let_go_on(self) -> None:
        """Those that wait for one another, or for nobody, go on: each has been interrupted."""
        waiting = [each for each in self.left() if _state_of(each) in WAITING]
        while waiting:
            for thread in waiting:
                ending.let_go_on(thread)
            _wait_for_end(waiting, GRACE, or_idle=False)
            before, waiting = len(waiting), [each for each in waiting if each.is_alive()]
            if len(waiting) == before:
                return  # what it waits for is out of reach

    def left(self) -> list[threading.Thread]:
        """Those that are alive, and not idle in a pool."""
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self._before
            and thread.is_alive()
            and not record.actors.is_ignored(thread)
            and not ending.is_idle_in_a_pool(thread)
        ]

    def _ask_to_stop(self, thread: threading.Thread) -> None:
        for state in list(record.actors.active):
            if state.ident == thread.ident:
                state.ask_to_stop(self._here.clock)


def _is_first(state: ActorState) -> bool:
    """Whether it is the function's own thread: the one that the check has started."""
    return state.actor.kind == "server" and state.address is None


def _state_of(thread: threading.Thread) -> ThreadState:
    return thread_state(thread.ident, thread.native_id)


def _scene(unknown: list[threading.Thread], states: list[ActorState]) -> frozenset[Any]:
    """Who stands where: the same again as long as nobody has moved."""
    return frozenset([*unknown, *(state.wait or state for state in states)])


def _may_send_by_itself(state: ActorState, wait: Wait) -> bool:
    """Whether a thread that waits in select() for a time only may send when that is over.

    Not one that has a listener: it looks whether it must stop, as `serve_forever()` does.
    """
    if wait.several is None or not wait.bounded or state.actor.kind != "thread":
        return False
    return state.address is None and not wait.repeated


def _wait_for_end(threads: list[threading.Thread], seconds: float, or_idle: bool) -> None:
    """Wait for these threads; or only until those that are left wait for another thread."""

    def ended() -> bool:
        return not any(
            thread.is_alive() and not (or_idle and _state_of(thread) in WAITING)
            for thread in threads
        )

    if threads:
        fair_time.watch(ended, seconds)
