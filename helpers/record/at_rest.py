"""Does a thread that makes no recorded call still move? Somebody wants to look at it.

Rules of this file:

- Whoever looks waits for what is in flight, and not for what a thread does by itself. One that
  stands still outside of sockets (in sleep(), in a lock, in a queue) is at rest, and so is one that
  computes, or looks again and again and finds nothing. One that makes call after call is not waited
  for to its end: it may never come.
- A thread that the system has not let go on yet is none of these, however long that takes.
- What a thread does counts as far as it was looked at. Between two looks more time may go by: a
  garbage collection and C code keep the interpreter, a busy machine keeps the processor. Nobody
  saw then what the thread would have done.

Theory of operation. On Linux the system tells in which system call a thread sleeps, and how long it
has run. One that waits for a processor does not sleep. One that waits for the interpreter does; its
call tells (`system_calls.py`). Elsewhere only the frame tells in which the thread stands.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass

from helpers.record.events import Actor
from helpers.record.frames import frame_of
from helpers.record.model import ActorState, Wait
from helpers.record.system_calls import Sleep, ran_for, sleep_of

LOOK_AGAIN = 0.01
"""Seconds between two looks: longer than a thread sleeps that waits for the interpreter."""

STANDS = 0.04
"""Seconds of standing still, after which a thread is at rest. A choice: a view of a thread that
sleeps stays within the 0.1 s that nobody notices (Nielsen, Usability Engineering, 1993)."""

COMPUTES = 0.01
"""Seconds of the processor without a call, after which a thread computes, if `STANDS` has gone by
as well. A quarter of that, as it may share the interpreter with others that compute. One that
answers a client needs some thousandths."""

AT_ONCE = COMPUTES / 3
"""So much of that counts from one look to the next: a collection of garbage is no computing, nor
are two of them."""

GOES_ON = 0.04
"""Seconds of the processor that a thread has had while it was looked at, after which it is not
waited for any more: it makes one call after the other. A choice: in so much time it can receive all
that the buffers of a connection hold, 4 kB at a time."""

FOUND_NOTHING = 3
"""Calls without progress while it was looked at, after which a thread is taken to poll."""


@dataclass(slots=True)
class _Look:
    """What was seen of a thread so far. All times are in seconds."""

    at: float
    clock: int
    no_progress: int
    wait: Wait | None
    mark: object
    """What changes when the thread runs."""
    ran: float
    """Seconds that it had run at the last look."""
    stood: float = 0.0
    ran_in_all: float = 0.0
    without_call: float = 0.0
    ran_without_call: float = 0.0


class Onlooker:
    """Looks at threads several times, and remembers what it has seen of each."""

    def __init__(self) -> None:
        self._looks: dict[ActorState, _Look] = {}
        self._threads: dict[threading.Thread, ActorState] = {}

    def thread_is_at_rest(self, thread: threading.Thread) -> bool:
        """The same of a thread that is no actor."""
        state = self._threads.get(thread)
        if state is None:
            state = self._threads[thread] = ActorState(Actor(0, thread.name, "thread"))
            state.ident, state.native = thread.ident, thread.native_id
        return self.is_at_rest(state)

    def is_at_rest(self, state: ActorState) -> bool:
        """Whether an actor, that could do more, goes on only by itself."""
        now = time.monotonic()
        mark, ran = _seen(state, now)
        wait, clock, no_progress = state.wait, state.clock, state.no_progress
        last = self._looks.get(state)
        if last is None:
            self._looks[state] = _Look(now, clock, no_progress, wait, mark, ran)
            return False
        passed, has_run = min(now - last.at, LOOK_AGAIN), ran - last.ran
        last.ran_in_all += min(has_run, LOOK_AGAIN)
        if clock != last.clock:
            last.without_call = last.ran_without_call = 0.0
        else:
            last.without_call += now - last.at
            last.ran_without_call += min(has_run, AT_ONCE)
        if wait is not None:
            # It waits anew, for a short time; or it has what it waits for, and is late.
            stands = wait.bounded and wait is not last.wait and not wait.is_over
        else:
            stands = _stands(state, mark is not None and mark == last.mark)
        if stands:
            last.stood += passed
        last.no_progress = min(last.no_progress, no_progress)
        last.at, last.clock, last.wait, last.mark, last.ran = now, clock, wait, mark, ran
        if sys.platform == "linux" and last.ran_in_all >= GOES_ON:
            return True
        if wait is not None and not stands:
            return False
        if last.stood >= STANDS or no_progress - last.no_progress >= FOUND_NOTHING:
            return True
        return last.ran_without_call >= COMPUTES and last.without_call >= STANDS


def _seen(state: ActorState, now: float) -> tuple[object, float]:
    """What changes when the thread runs, and how many seconds it has run. No mark: not known."""
    if state.ident is None or state.native is None:
        return None, 0.0
    if sys.platform == "linux":
        try:
            ran = ran_for(state.native)
        except OSError:
            return None, 0.0  # it has just ended
        return ran, ran / 1e9
    frame = frame_of(state.ident)  # nobody tells how long it has run: the time that goes by
    return frame and (id(frame), frame.f_lasti), now


def _stands(state: ActorState, still: bool) -> bool:
    """Whether the thread stands still by itself. `still`: it has not run since the last look."""
    if state.ident is None or sys.platform != "linux":
        return still
    frame = frame_of(state.ident)
    sleep = sleep_of(state.native)
    if sleep is Sleep.UNKNOWN or (frame and _is_own(str(frame.f_globals.get("__name__")))):
        return still and sleep is not Sleep.NONE  # it may wait for who looks: for a lock
    return sleep is Sleep.BY_ITSELF


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == "helpers"
