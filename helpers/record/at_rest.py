"""Does a thread that makes no recorded call still move? Somebody wants to look at it.

Rules of this file:

- Whoever looks waits for what is in flight, and not for what a thread does by itself. One that
  stands still outside of sockets (in sleep(), in a lock, in a queue) is at rest, and so is one that
  computes, or looks again and again and finds nothing. One that makes call after call is not waited
  for to its end: it may never come.
- A thread that the system has not let go on yet is none of these, however long that takes.

Theory of operation. On Linux the system tells whether a thread sleeps, and how long it has run: one
that waits for the interpreter runs a little every 5 ms (`sys.getswitchinterval`), and one that
waits for a processor does not sleep. Elsewhere only the frame tells in which the thread stands.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from helpers.record.frames import frame_of
from helpers.record.model import ActorState

LOOK_AGAIN = 0.01
"""Seconds between two looks: longer than a thread sleeps that waits for the interpreter."""

STANDS = 0.04
"""Seconds of standing still, after which a thread is at rest. A choice: a view of a thread that
sleeps stays within the 0.1 s that nobody notices (Nielsen, Usability Engineering, 1993)."""

COMPUTES = 0.01
"""Seconds of the processor without a call, after which a thread computes, if `STANDS` has gone by
as well. A quarter of that, as it may share the interpreter with others that compute. One that
answers a client needs some thousandths."""

GOES_ON = 0.04
"""Seconds of the processor that a thread has had while it was looked at, after which it is not
waited for any more: it makes one call after the other. A choice: in so much time it can receive all
that the buffers of a connection hold, 4 kB at a time."""

FOUND_NOTHING = 3
"""Calls without progress while it was looked at, after which a thread is taken to poll."""


@dataclass(slots=True)
class _Look:
    """What was seen of a thread at the last look."""

    at: float
    clock: int
    no_progress: int
    mark: object
    """What changes when the thread runs."""
    ran: float
    """Seconds that it had run when it made its last call."""
    since: float
    """When that was seen."""
    ran_before: float
    """Seconds that it had run at the first look."""
    stood: float = 0.0
    """Seconds for which it was seen to stand still."""


class Onlooker:
    """Looks at threads several times, and remembers what it has seen of each."""

    def __init__(self) -> None:
        self._looks: dict[ActorState, _Look] = {}

    def is_at_rest(self, state: ActorState) -> bool:
        """Whether an actor, that could do more, goes on only by itself."""
        now = time.monotonic()
        mark, ran = _seen(state, now)
        last = self._looks.get(state)
        if last is not None and sys.platform == "linux" and ran - last.ran_before >= GOES_ON:
            return True
        if last is None or state.no_progress < last.no_progress:
            before = ran if last is None else last.ran_before
            self._looks[state] = _Look(now, state.clock, state.no_progress, mark, ran, now, before)
            return False
        if state.wait is not None:
            return False  # it has what it waits for, and is late
        stands = mark is not None and mark == last.mark and _sleeps(state)
        if stands:
            last.stood += now - last.at
        if state.clock != last.clock:
            last.clock, last.ran, last.since = state.clock, ran, now
        last.at, last.mark = now, mark
        if stands and last.stood >= STANDS:
            return True
        if state.no_progress - last.no_progress >= FOUND_NOTHING:
            return True
        return ran - last.ran >= COMPUTES and now - last.since >= STANDS


def _seen(state: ActorState, now: float) -> tuple[object, float]:
    """What changes when the thread runs, and how many seconds it has run. No mark: not known."""
    if state.ident is None or state.native is None:
        return None, 0.0
    if sys.platform == "linux":
        try:
            ran = time.clock_gettime_ns(~state.native << 3 | 6)  # the clock of a thread: see below
        except OSError:
            return None, 0.0  # it has just ended
        return ran, ran / 1e9
    frame = frame_of(state.ident)  # nobody tells how long it has run: the time that goes by
    return frame and (id(frame), frame.f_lasti), now


def _sleeps(state: ActorState) -> bool:
    """Whether the system says that the thread sleeps, and does not wait for a processor."""
    if sys.platform != "linux":
        return True
    try:
        with open(f"/proc/self/task/{state.native}/stat", "rb") as file:
            status = file.read()
    except OSError:
        return False  # it has just ended
    return status[status.rindex(b")") + 2 :][:1] in (b"S", b"T")  # man 5 proc: sleeping, stopped


# pthread_getcpuclockid() makes the same number: MAKE_THREAD_CPUCLOCK in glibc, with CPUCLOCK_SCHED.
# Python's own function for it may crash where the thread has ended. This one fails.
