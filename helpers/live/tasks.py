"""The tasks of an event loop: a coroutine that is run to its end, and where each task stands.

Rules of this file:

- Who looks is another thread than the one that runs the loop. It reads, and changes nothing.
- A task stands at the innermost `await` in a file of the learner's own. What it waits in there is
  named as the learner has called it: `read()`, `sleep()`, `gather()`.
- A task in which no line is the learner's is not shown: it is at work for one that is.

Theory of operation. The frames of the thread have the loop. A coroutine that waits is on no stack:
its own frame tells its line, and `cr_await` what it waits for. So a task is a chain of frames. The
last one of them may wait for a future, and what kind of future that is tells the rest.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from helpers.libraries import is_library
from helpers.live.words import TASK
from helpers.record.frames import frame_of
from helpers.record.model import Stopped

Step = tuple[CodeType, int]
"""A function in which somebody stands, and the line."""

_GIVEN_BY_ASYNCIO = re.compile(r"Task-\d+")
"""The name of a task that nobody has named. Its number counts all tasks of the program."""


LOOP = asyncio.SelectorEventLoop if sys.platform == "win32" else None
"""There the default is another one, whose calls go past Python's sockets: nobody would see them."""

_AWAITS = {"cr": "cr_await", "ag": "ag_await", "gi": "gi_yieldfrom"}
"""Of a coroutine, of an async generator and of a generator: where it has what it waits for."""


def run_to_end(value: Any) -> Any:
    """What a function has given: the result of a coroutine, and any other value as it is.

    The coroutine runs in an event loop of its own, as `asyncio.run()` does it.
    """
    if not inspect.iscoroutine(value):
        return value
    with asyncio.Runner(loop_factory=LOOP) as runner:
        runner.get_loop().set_exception_handler(_tell_but_stopped)
        return runner.run(value)


def _tell_but_stopped(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A task that was stopped in a blocking call says so to nobody, nor one that was cancelled.

    CPython 3.11 and 3.12 tell of each client whose task is cancelled (gh-110894).
    """
    if not isinstance(context.get("exception"), Stopped | asyncio.CancelledError):
        loop.default_exception_handler(context)


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """One task, as it was at one moment."""

    steps: tuple[Step, ...]
    """The learner's functions that it is in, from the outermost on."""
    name: str
    """The name that the learner has given it, or `""`."""
    state: str
    """What it does, in words: "waits in read()"."""
    runs: bool = False
    """The thread is in it: the loop cannot go on."""
    is_thread: bool = False
    """It is a thread of its own, and no task."""


class TasksSeen:
    """The event loop that a thread runs, at one moment; `loop` is None if it runs none."""

    def __init__(self, ident: int | None) -> None:
        stack = _stack_of(ident)
        self.thread: tuple[Step, ...] = tuple((each.f_code, line) for each, line in stack)
        """Where the thread itself stands, from the outermost function on."""
        self.loop = _loop_in([each for each, _ in stack])
        self.tasks: tuple[TaskSeen, ...] = ()
        """In the order in which they first come to a line of the learner's."""
        if self.loop is not None:
            found = [self._seen(each, stack) for each in _tasks_of(self.loop)]
            self.tasks = tuple(sorted(filter(None, found), key=_order))

    def _seen(
        self, task: asyncio.Task[Any], stack: Sequence[tuple[FrameType, int]]
    ) -> TaskSeen | None:
        chain = list(_chain(task.get_coro()))
        runs = [place for place, (frame, _) in enumerate(stack) if chain and frame is chain[0][0]]
        if runs:
            chain = list(stack[runs[0] :])
        own = [
            (place, (frame.f_code, line))
            for place, (frame, line) in enumerate(chain)
            if not is_library(frame.f_code.co_filename)
        ]
        if not own:
            return None
        called = [frame for frame, _ in chain[own[-1][0] + 1 :]]
        state = TASK["runs"] if runs else _waits(task, called)
        if task.cancelling() and not runs:
            state = TASK("cancelled", state=state)
        name = task.get_name()
        shown = "" if _GIVEN_BY_ASYNCIO.fullmatch(name) else name
        return TaskSeen(tuple(step for _, step in own), shown, state, bool(runs))


def _order(task: TaskSeen) -> tuple[str, int, int, str, str]:
    (outer, _), (_, line) = task.steps[0], task.steps[-1]
    return outer.co_filename, outer.co_firstlineno, line, task.state, task.name


def runs_a_loop(ident: int | None) -> bool:
    """Whether this thread runs an event loop of asyncio's."""
    return _loop_in([each for each, _ in _stack_of(ident)]) is not None


def _stack_of(ident: int | None) -> list[tuple[FrameType, int]]:
    """The frames of a thread and their lines, from the outermost on."""
    frame = frame_of(ident)
    return [] if frame is None else list(traceback.walk_stack(frame))[::-1]


def _loop_in(frames: Sequence[FrameType]) -> Any:
    """The loop that runs here: one of asyncio's own, or of a class that is made from it."""
    code = asyncio.BaseEventLoop.run_forever.__code__
    return next((each.f_locals["self"] for each in frames if each.f_code is code), None)


def _tasks_of(loop: Any) -> list[asyncio.Task[Any]]:
    try:
        return [*asyncio.all_tasks(loop)]
    except RuntimeError:  # they came and went all the time
        return []


def _chain(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """The frames of a coroutine, and of what it awaits, and their lines."""
    while awaited is not None:
        kind = next((each for each in _AWAITS if getattr(awaited, f"{each}_frame", None)), "")
        if kind:
            frame = getattr(awaited, f"{kind}_frame")
            if frame is None:
                return  # it has just ended
            yield frame, frame.f_lineno
            awaited = getattr(awaited, _AWAITS[kind])
        else:  # what C has put around one of them, as for each step of an async generator
            around = (each for each in gc.get_referents(awaited) if _has_frame(each))
            awaited = next(around, None)


def _has_frame(awaited: object) -> bool:
    return any(getattr(awaited, f"{kind}_frame", None) is not None for kind in _AWAITS)


def _waits(task: asyncio.Task[Any], called: Sequence[FrameType]) -> str:
    """What it waits in: the library's functions that the learner's line has called."""
    names = [each.f_code.co_name for each in called]
    for name in names:
        if not name.startswith("_"):
            return TASK("call", call=name)
    if called and isinstance(called[0].f_locals.get("self"), asyncio.TaskGroup):
        return TASK["group"]
    coroutine: Any = task.get_coro()
    if inspect.iscoroutine(coroutine) and (
        inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
    ):
        return TASK["new"]
    future = getattr(task, "_fut_waiter", None)
    if future is None:
        return TASK["soon"]
    if isinstance(future, asyncio.Task):
        return TASK["task"]
    return TASK["gather" if "Gathering" in type(future).__name__ else "future"]
