"""Whether a thread may be handed something where nothing can be noted: a lock, a SimpleQueue.

Rules of this file:

- Both are written in C. Nobody is told when a thread takes them. So it is looked at once, when the
  thread starts, whether its function can come to one: by its arguments, its variables, and the
  functions that it names.
- It only looks. It calls nothing of the program's, raises nothing, and looks at `MOST` things.

Of threads that can, the order in which their calls were noted counts (`Record.begin`). Of others it
does not: where two sides are synchronised by their sockets alone, that order is another one in
each run.
"""

from __future__ import annotations

import _thread
import functools
import queue
import threading
import types
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

MOST = 300
"""Things that are looked at. Chosen: a program that people read has fewer, and it takes 0.1 ms."""

_UNSEEN = (_thread.LockType, _thread.RLock, queue.SimpleQueue)
_NOTED = frozenset({"threading", "queue", "socket", "ssl", "asyncio", "concurrent", "helpers"})
"""Packages whose objects have locks of their own, for what is noted or hands nothing over."""


def can_take_a_lock(thread: threading.Thread) -> bool:
    """Whether the thread, which has not started yet, can come to a lock or a SimpleQueue."""
    given = vars(thread)
    own = [value for name, value in given.items() if not name.startswith("_")]
    return comes_to_a_lock(
        type(thread).run, given.get("_target"), given.get("_args"), given.get("_kwargs"), *own
    )


def comes_to_a_lock(*start: Any) -> bool:
    """Whether one of these things leads to a lock or a SimpleQueue. False if that is unknown."""
    to_look = deque(start)
    seen: set[int] = set()
    while to_look and len(seen) < MOST:
        each = to_look.popleft()
        if issubclass(type(each), _UNSEEN):
            return True
        if id(each) not in seen:
            seen.add(id(each))
            with suppress(Exception):  # a strange object: the program goes on as always
                to_look.extend(islice(_leads_to(each), MOST))
    return False


def _leads_to(thing: Any) -> Iterator[Any]:
    kind = type(thing)
    if kind is types.FunctionType and thing.__module__ not in _NOTED:
        for cell in thing.__closure__ or ():
            with suppress(ValueError):  # a variable that has no value yet
                yield cell.cell_contents
        yield from thing.__defaults__ or ()
        for name in _names(thing.__code__):
            yield thing.__globals__.get(name)
    elif kind is types.MethodType:
        yield from (thing.__func__, thing.__self__)
    elif kind is functools.partial:
        yield from (thing.func, thing.args, thing.keywords)
    elif kind is dict:
        yield from list(thing.values())
    elif kind in (list, tuple, set, frozenset, deque):
        yield from list(thing)
    elif _is_the_programs(kind):
        yield from list(object.__getattribute__(thing, "__dict__").values())
        yield from [each for each in vars(kind).values() if type(each) is types.FunctionType]


def _is_the_programs(kind: type) -> bool:
    if issubclass(kind, type | types.ModuleType | types.FunctionType | threading.Thread):
        return False
    return str(kind.__module__).partition(".")[0] not in _NOTED


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
