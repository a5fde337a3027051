"""How threads that do not end by themselves are ended.

Rules of this file:

- Who waits in a socket call is asked (`Stopped`). Who computes is interrupted. Who waits for
  another thread is interrupted, and then let go on: he is given the lock, or an item.
- CPython raises an exception in another thread before its next bytecode. A thread that sleeps, or
  is inside a C function, goes on until that returns: nothing ends it.
- The idle threads of a pool wait for work and hold nothing. They belong to the pool, which is
  perhaps the learner's, and are left alone.
"""

from __future__ import annotations

import _thread
import ctypes
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

from helpers.record.frames import frame_of
from helpers.record.model import Stopped
from helpers.record.record import record

_POOL = ("concurrent.futures.thread", "_worker")


def is_idle_in_a_pool(thread: threading.Thread) -> bool:
    """Whether the thread waits for work of a pool."""
    frame = frame_of(thread.ident)
    return frame is not None and _where(frame) == _POOL


def interrupt(thread: threading.Thread) -> None:
    """Raise `Stopped` in a thread as soon as it runs Python code (PyThreadState_SetAsyncExc)."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped)
        )


def forget_the_dead() -> None:
    """Take threads out of the lists in which they stand that were interrupted at their very end.

    The interruption came between the last line of the function and the one with which a thread
    leaves the list of `threading`, or that of the actors: it would stand there for ever. Whether a
    thread has ended its frames say, and not `is_alive()`: of one whose `join()` was interrupted
    that says no too early (Python 3.11).
    """
    listed: dict[int, threading.Thread] = vars(threading)["_active"]
    dead = [number for number in [*listed] if frame_of(number) is None]
    for number in dead:
        if number not in sys._current_frames():
            listed.pop(number, None)
    record.actors.forget_the_dead()


def let_go_on(thread: threading.Thread) -> None:
    """Give it what it waits for, as far as its frame tells: it was interrupted before."""
    frame = frame_of(thread.ident)
    if frame is None:
        return
    if _where(frame) == ("threading", "wait"):
        _give(frame.f_locals.get("waiter"))
        return
    for thing in _within_reach(frame):
        _give(thing)


def _where(frame: FrameType) -> tuple[str, str]:
    return str(frame.f_globals.get("__name__")), frame.f_code.co_name


def _within_reach(frame: FrameType) -> Iterator[Any]:
    """The variables that a line of this frame can name, and what is in them."""
    names = {*frame.f_code.co_names}
    found = [*frame.f_locals.values(), *(frame.f_globals.get(name) for name in names)]
    yield from found
    for thing in found:
        with suppress(Exception):  # a strange object
            own = object.__getattribute__(thing, "__dict__")
            yield from [value for name, value in own.items() if name in names]


def _give(thing: Any) -> None:
    """Let one thread go on that waits for a lock or for an item."""
    if isinstance(thing, queue.SimpleQueue):
        thing.put(None)
    elif isinstance(thing, _thread.LockType) and thing.locked():
        with suppress(RuntimeError):  # its owner was quicker
            thing.release()
