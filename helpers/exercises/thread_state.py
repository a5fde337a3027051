"""Does a thread wait for another thread, or is it only not let go on by the system?

Rules of this file:

- The frame in which a thread stands tells. Python's own waits are known by their code, and their
  variables tell whether the thread has been given what it waits for: its lock is notified, the
  other thread is over, there is work in the queue. Then it runs, however long the system takes.
- Waits inside of C (a lock, a SimpleQueue) have no frame. There Linux tells: the thread sleeps in
  futex(), and no time limit was given. Who waits for the interpreter has given one.
- No clock is asked. Who waits with a time limit goes on by himself: that is told apart.
"""

from __future__ import annotations

import platform
import sys
import threading
from collections.abc import Sequence
from enum import Enum, auto
from types import FrameType
from typing import Any

from helpers.record.frames import frame_of, frames
from helpers.record.system_calls import system_call


class ThreadState(Enum):
    """What a thread does that makes no recorded call now."""

    RUNS = auto()
    """It has begun or been given something to do, and goes on as soon as the system lets it."""
    ELSEWHERE = auto()
    """It is in other code: it computes, or it waits for something that nobody knows."""
    WAITS = auto()
    """It waits for another thread, which has not given it anything yet."""
    WAITS_A_WHILE = auto()
    """It may be waiting: with a time limit, so it goes on by itself; or nobody can tell."""
    SLEEPS = auto()
    """It goes on when a time is over that it has set itself."""


_PYTHONS_OWN = ("threading", "queue", "concurrent.futures.thread", "concurrent.futures._base")
"""Modules whose code waits in the known places only. So does the recorder's."""

_SLEEP = ("helpers.exercises.sleeping", "sleep")

_JOINS = (("threading", "join"), ("threading", "_wait_for_tstate_lock"))

_CALLS = {
    "x86_64": {"sleep": (35, 230), "io": (7, 23, 40, 232, 270, 271, 281)},
    "aarch64": {"sleep": (101, 115), "io": (22, 71, 72, 73)},
}.get(platform.machine(), {})
"""The numbers of system calls (asm/unistd.h). "io" are those in which a thread waits for sockets
although nobody records it: poll, select, epoll_wait with their variants, and sendfile."""

_WAITS = {
    ("threading", "wait"),
    ("threading", "__enter__"),
    ("concurrent.futures.thread", "_worker"),
    *_JOINS,
}
"""The functions in which they wait."""

WAITING = frozenset({ThreadState.WAITS, ThreadState.WAITS_A_WHILE})


def thread_state(ident: int | None, native: int | None = None) -> ThreadState:
    """Where the thread stands; None is a thread that has not begun yet.

    `native` is the system's own number of it.
    """
    return thread_states([(ident, native)])[0]


def thread_states(threads: Sequence[tuple[int | None, int | None]]) -> list[ThreadState]:
    """The same for several, each by `ident` and `native`."""
    stand = frames() if threads else {}
    return [_state(ident, native, stand) for ident, native in threads]


def _state(ident: int | None, native: int | None, stand: dict[int, FrameType]) -> ThreadState:
    if ident is None:
        return ThreadState.RUNS
    frame = stand.get(ident)
    if frame is None:
        return ThreadState.WAITS_A_WHILE
    found = _in_frame(frame)
    if found is ThreadState.ELSEWHERE:
        found = _in_the_system(native)
        if found is not ThreadState.ELSEWHERE and frame_of(ident) is not frame:
            found = ThreadState.RUNS  # it has gone on, and waits perhaps for who looks at it
    if found in WAITING and _starts_a_thread(frame):
        return ThreadState.RUNS  # that one begins without anybody's doing
    return found


def _in_the_system(native: int | None) -> ThreadState:
    """Whether the thread sleeps in C until somebody else acts, however long that takes."""
    if sys.platform != "linux" or native is None or not _CALLS:
        return ThreadState.ELSEWHERE
    try:
        call = system_call(native)
    except OSError:
        return ThreadState.ELSEWHERE  # it has just ended, or nobody may look
    if call is None:
        return ThreadState.ELSEWHERE
    if call.is_futex:
        return ThreadState.WAITS if call.is_for_a_thread else ThreadState.ELSEWHERE
    if call.number in _CALLS["sleep"]:
        return ThreadState.SLEEPS
    return ThreadState.WAITS_A_WHILE if call.number in _CALLS["io"] else ThreadState.ELSEWHERE


def _in_frame(frame: FrameType) -> ThreadState:
    module, name = str(frame.f_globals.get("__name__")), frame.f_code.co_name
    if name == "run" or not (module in _PYTHONS_OWN or module.startswith("helpers.")):
        return ThreadState.ELSEWHERE
    where = (module, name)
    if where == _SLEEP:
        return ThreadState.SLEEPS
    if where not in _WAITS:
        return ThreadState.RUNS
    # Of these alone: before 3.13 a frame keeps what it was asked for, and a socket stays open.
    known: dict[str, Any] = frame.f_locals
    if where == ("threading", "wait") and "waiter" in known and "timeout" in known:
        # Of a Condition: notify() takes the waiter out.
        waits = known["timeout"] != 0 and known["waiter"] in known["self"]._waiters
        bounded = known["timeout"] is not None
    elif where in _JOINS:
        waits = _runs_still(known["self"])
        bounded = known["timeout"] not in (None, -1)
    elif where == ("concurrent.futures.thread", "_worker"):
        waits = "work_item" not in known and known["work_queue"].empty()
        bounded = sys.version_info >= (3, 13)  # its queue gives to who waits, and is empty then
    elif where == ("threading", "__enter__"):
        return ThreadState.WAITS_A_WHILE  # for a lock, or it just goes on
    else:
        return ThreadState.RUNS
    if not waits:
        return ThreadState.RUNS
    return ThreadState.WAITS_A_WHILE if bounded else ThreadState.WAITS


def _runs_still(thread: threading.Thread) -> bool:
    """Whether a thread that somebody joins has not ended.

    One that is in the list no more has run all of its code, and lets the other go on as soon as the
    system lets it. Before 3.13 is_alive() takes the lock that the one who joins is about to take,
    or has taken.
    """
    if thread not in threading.enumerate():
        return False
    if sys.version_info >= (3, 13):
        return thread.is_alive()
    lock = getattr(thread, "_tstate_lock", None)
    return lock is not None and lock.locked()


def _starts_a_thread(innermost: FrameType) -> bool:
    frame: FrameType | None = innermost
    while frame is not None and frame.f_globals.get("__name__") == "threading":
        if frame.f_code.co_name == "start":
            return True
        frame = frame.f_back
    return False
