"""What the program's own synchronisation says of the order: who comes after whom.

Rules of this file:

- No class is replaced. Some methods of the standard library, which are written in Python, are
  wrapped while sockets are recorded: the same call is made, and before or after it a Lamport
  time is left, or taken. Nothing here waits, takes a lock, or raises.
- A thread that gets something comes after the one that gave it, and not after what that one did
  since. So the order is the same in every run where the program leaves only one.

Theory of operation. Each thread has a `Moment`, also one that makes no call itself (`Actors`).
Whoever puts, sets, releases or notifies leaves its time on the object; whoever gets, waits or
acquires there takes it. Where items have an order (a queue, a semaphore), each has a time of its
own (`counting.py`). What is written in C (Lock, SimpleQueue) cannot be wrapped so: see `locks.py`.
"""

from __future__ import annotations

import _thread
import asyncio.base_events
import asyncio.coroutines
import functools
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import _base as futures
from typing import Any

from helpers.record import starting
from helpers.record.actors import Actors
from helpers.record.counting import acquiring, getting, meeting, putting, releasing
from helpers.record.model import Moment

Plain = Callable[..., Any]

_NOTE = "_recorded_clock"
"""The attribute of a synchronising object with the Lamport time that was left there."""

_INSIDE = frozenset({"threading", "queue", "concurrent.futures._base"})
"""Modules that use a Condition for what is noted by itself: a queue, an event, a future."""


class Synchronizing:
    """Wraps the methods, and takes the wrappers away again."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self._plain: list[tuple[Any, str, Any]] = []

    def install(self) -> None:
        """From now on the threads tell of what they hand over."""
        starting.subscribe(self._actors.starts)
        for owner, name, wrap in _wrappers(self._actors):
            plain = vars(owner)[name]
            self._plain.append((owner, name, plain))
            setattr(owner, name, functools.wraps(plain)(wrap(plain)))

    def uninstall(self) -> None:
        """Put the plain methods back."""
        starting.unsubscribe(self._actors.starts)
        while self._plain:
            setattr(*self._plain.pop())


def _wrappers(actors: Actors) -> Iterator[tuple[Any, str, Callable[[Plain], Plain]]]:
    """What is wrapped: the owner, the name, and what makes the wrapper of the plain method."""
    gives, takes = functools.partial(_gives, actors), functools.partial(_takes, actors)
    locks = functools.partial(_locks, actors)
    yield _thread, "start_new_thread", functools.partial(_starting, actors)
    for name in ("join", "is_alive"):
        yield threading.Thread, name, functools.partial(_ending, actors)
    yield threading.Event, "set", gives
    for name in ("wait", "is_set"):
        yield threading.Event, name, takes
    for name in ("notify", "notify_all"):
        yield threading.Condition, name, functools.partial(_unless_inside, gives)
    for name in ("wait", "wait_for", "__enter__"):
        yield threading.Condition, name, functools.partial(_unless_inside, locks)
    yield threading.Barrier, "wait", functools.partial(meeting, actors)
    for each in (threading.Semaphore, threading.BoundedSemaphore):
        yield each, "release", functools.partial(releasing, actors)
    for name in ("acquire", "__enter__"):
        yield threading.Semaphore, name, functools.partial(acquiring, actors)
    for owner in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
        yield owner, "_put", functools.partial(putting, actors)
        yield owner, "_get", functools.partial(getting, actors)
    yield queue.Queue, "task_done", gives
    yield queue.Queue, "join", takes
    for name in ("set_result", "set_exception"):
        yield futures.Future, name, gives
    yield futures.Future, "__init__", functools.partial(_submitting, actors)
    for name in ("set_running_or_notify_cancel", "result", "exception", "done"):
        yield futures.Future, name, takes
    yield futures.Future, "add_done_callback", functools.partial(_calling_back, actors)
    yield futures._AcquireFutures, "__enter__", functools.partial(_looking_at_all, actors)
    loop = asyncio.base_events.BaseEventLoop
    yield loop, "call_soon_threadsafe", functools.partial(_calling_soon, actors)


# Times that are left on an object, and taken from it


def _leave(actors: Actors, there: Any) -> None:
    clock = actors.moment_here().clock
    if clock > there.__dict__.get(_NOTE, 0):
        there.__dict__[_NOTE] = clock


def _take(actors: Actors, there: Any) -> None:
    clock = there.__dict__.get(_NOTE, 0)
    if clock:
        actors.moment_here().follow(clock)


def _gives(actors: Actors, plain: Plain) -> Plain:
    def wrapper(self: Any, *arguments: Any, **named: Any) -> Any:
        _leave(actors, self)
        return plain(self, *arguments, **named)

    return wrapper


def _takes(actors: Actors, plain: Plain) -> Plain:
    def wrapper(self: Any, *arguments: Any, **named: Any) -> Any:
        try:
            got = plain(self, *arguments, **named)
        except BaseException:
            _take(actors, self)  # a future's own exception was handed over, too
            raise
        if got is not False:
            _take(actors, self)
        return got

    return wrapper


def _locks(actors: Actors, plain: Plain) -> Plain:
    """With or without success, who returns has the lock, and sees what was done before."""

    def wrapper(self: Any, *arguments: Any, **named: Any) -> Any:
        got = plain(self, *arguments, **named)
        _take(actors, self)
        return got

    return wrapper


def _unless_inside(noting: Callable[[Plain], Plain], plain: Plain) -> Plain:
    """Not where the standard library itself calls it, for something that is noted by itself."""
    noted = noting(plain)

    def wrapper(*arguments: Any, **named: Any) -> Any:
        inside = sys._getframe(1).f_globals.get("__name__") in _INSIDE
        return (plain if inside else noted)(*arguments, **named)

    return wrapper


# Threads


def _starting(actors: Actors, plain: Plain) -> Plain:
    def start_new_thread(function: Any, *rest: Any, **named: Any) -> Any:
        clock = actors.moment_here().clock
        if not callable(function):
            return plain(function, *rest, **named)  # it says what is wrong

        def run(*arguments: Any, **options: Any) -> Any:
            actors.local.moment = Moment(clock)
            return function(*arguments, **options)

        return plain(run, *rest, **named)

    return start_new_thread


def _ending(actors: Actors, plain: Plain) -> Plain:
    is_alive = threading.Thread.is_alive

    def wrapper(self: threading.Thread, *arguments: Any, **named: Any) -> Any:
        got = plain(self, *arguments, **named)
        if not (got if got is not None else is_alive(self)):
            actors.moment_here().follow(actors.moment_of(self).clock)
        return got

    return wrapper


# Futures, and the event loop


def _submitting(actors: Actors, plain: Plain) -> Plain:
    def __init__(self: Any, *arguments: Any, **named: Any) -> None:
        plain(self, *arguments, **named)
        _leave(actors, self)

    return __init__


def _calling_back(actors: Actors, plain: Plain) -> Plain:
    def add_done_callback(self: Any, *arguments: Any, **named: Any) -> None:
        if self.done():
            _take(actors, self)
        plain(self, *arguments, **named)

    return add_done_callback


def _looking_at_all(actors: Actors, plain: Plain) -> Plain:
    """wait() and as_completed() look so at several futures."""

    def __enter__(self: Any) -> Any:
        got = plain(self)
        for each in self.futures:
            if each._state not in (futures.PENDING, futures.RUNNING):
                _take(actors, each)
        return got

    return __enter__


def _calling_soon(actors: Actors, plain: Plain) -> Plain:
    def call_soon_threadsafe(self: Any, callback: Any, *arguments: Any, **named: Any) -> Any:
        clock = actors.moment_here().clock
        if not callable(callback) or asyncio.coroutines.iscoroutinefunction(callback):
            return plain(self, callback, *arguments, **named)  # it says what is wrong

        @functools.wraps(callback)
        def called(*given: Any) -> Any:
            actors.moment_here().follow(clock)
            return callback(*given)

        return plain(self, called, *arguments, **named)

    return call_soon_threadsafe
