"""Where the threads stand that a live server has started.

Rules of this file:

- Who looks is another thread. It reads, and changes nothing.
- A thread stands at the innermost line in a file of the learner's own. One that has no such line
  is not shown.
- In which call it waits, the record knows, if that is a call of a socket. A wait for another thread
  is named by what the learner has called, `get()` or `join()`. One inside of C has no name.
"""

from __future__ import annotations

import re
import threading
import traceback
from collections.abc import Sequence

from helpers.libraries import is_library
from helpers.live.tasks import Step, TaskSeen
from helpers.live.words import WORKER
from helpers.record.frames import frame_of
from helpers.record.record import record
from helpers.record.standing import waits_for_a_thread

_GIVEN_BY_PYTHON = re.compile(r"Thread-\d+( \(.*\))?|ThreadPoolExecutor-\d+_\d+")
"""The name of a thread that nobody has named. Its number counts all threads of the program."""


def seen(threads: Sequence[threading.Thread]) -> tuple[TaskSeen, ...]:
    """Each of these threads that stands in a function of the learner's, in a fixed order."""
    waits = {each.ident: each.wait for each in list(record.actors.active)}
    found = []
    for thread in threads:
        steps, _ = _stack_of(thread)
        wait = waits.get(thread.ident)
        if not steps:
            continue
        if wait is not None and (wait.call is not None or wait.several is not None):
            state = WORKER("call", call=wait.call.name if wait.call is not None else "select")
        else:
            state = _at_work(thread)
        name = "" if _GIVEN_BY_PYTHON.fullmatch(thread.name) else thread.name
        found.append(TaskSeen(steps, name, state, is_thread=True))
    return tuple(sorted(found, key=_order))


def waits_in(thread: threading.Thread) -> str | None:
    """The call in which it waits for another thread; "" for one inside of C, None if it does not.

    It makes no call of a socket now.
    """
    if not waits_for_a_thread(thread.ident, thread.native_id):
        return None
    _, called = _stack_of(thread)
    return next((each for each in called if not each.startswith("_")), "")


def _at_work(thread: threading.Thread) -> str:
    call = waits_in(thread)
    if call is None:
        return WORKER["runs"]
    return WORKER("call", call=call) if call else WORKER["thread"]


def _stack_of(thread: threading.Thread) -> tuple[tuple[Step, ...], list[str]]:
    """The learner's functions that it is in, and the names of what the last of them has called."""
    frame = frame_of(thread.ident)
    stack = [] if frame is None else list(traceback.walk_stack(frame))[::-1]
    steps: list[Step] = []
    called: list[str] = []
    for each, line in stack:
        if is_library(each.f_code.co_filename):
            called.append(each.f_code.co_name)
        else:
            steps.append((each.f_code, line))
            called.clear()
    return tuple(steps), called


def _order(thread: TaskSeen) -> tuple[str, int, int, str, str]:
    (outer, _), (_, line) = thread.steps[0], thread.steps[-1]
    return outer.co_filename, outer.co_firstlineno, line, thread.state, thread.name
