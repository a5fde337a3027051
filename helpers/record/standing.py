"""Does a thread wait for another thread, without a limit of time?

Rules of this file:

- Only what is certain counts. A busy thread may stand in a lock for a moment, so one look is not
  enough: it gives a mark, and a later look gives the same one if the thread has not run meanwhile.
- Nobody can tell for which thread it waits. So any other one that runs may let it go on, and a
  process that was started, too.

Theory of operation. On Linux the system tells that a thread sleeps in futex() without a time limit.
Elsewhere only the frame tells: it stands in a wait() of `threading`, as those do that wait for an
event, a condition or a queue. A lock that is waited for in C is not seen there.
"""

from __future__ import annotations

import sys
from multiprocessing import active_children

from helpers.record.actors import Actors
from helpers.record.frames import frame_of
from helpers.record.model import ActorState
from helpers.record.system_calls import is_told, ran_for, system_call


def look_at(states: list[ActorState]) -> None:
    """Look whether these threads stand so. Two looks tell: see `ActorState.stands`."""
    for state in states:
        mark = None if state.wait is not None else _mark(state.ident, state.native)
        state.stands = mark is not None and mark == state.stood_at
        state.stood_at = mark


def waits_for_a_thread(ident: int | None, native: int | None) -> bool:
    """Whether it stands so at this moment. It may also be about to go on."""
    return _mark(ident, native) is not None


def somebody_else_runs(actors: Actors) -> bool:
    """Whether a thread that is no actor, or a process, could let one of them go on."""
    unknown = actors.unknown_threads()
    return bool(active_children()) or any(
        _mark(each.ident, each.native_id) is None for each in unknown
    )


def _mark(ident: int | None, native: int | None) -> object:
    """None: it does not stand so. Else what changes when it runs."""
    if ident is None or native is None:
        return None
    if sys.platform == "linux" and is_told():
        try:
            call = system_call(native)
            return ran_for(native) if call and call.is_for_a_thread else None
        except OSError:
            return None  # it has just ended
    frame = frame_of(ident)
    if frame is None or frame.f_globals.get("__name__") != "threading":
        return None
    if frame.f_code.co_name != "wait" or frame.f_locals.get("timeout", 0) is not None:
        return None
    return id(frame), frame.f_lasti
