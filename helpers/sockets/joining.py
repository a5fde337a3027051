"""A cell that waits for a thread, which itself waits for a socket: join() and result().

Rules of this file:

- Only a cell's wait without a limit is watched: `Thread.join()`, `Future.result()` and
  `Future.exception()`. In any other thread, or with a limit, the plain call is made.
- Only a thread whose wait is recorded makes it end. What a thread does outside of sockets, nobody
  knows, and so nothing is said of it.
- `queue.get()`, `Event.wait()` and the like are left alone: nobody can tell which thread they wait
  for.
"""

from __future__ import annotations

import functools
import threading
import traceback
from collections.abc import Callable
from concurrent import futures
from typing import Any

from helpers.record.frames import frame_of
from helpers.record.model import ActorState
from helpers.record.record import record

_RUNS_A_FUTURE = ("concurrent.futures.thread", "run")
"""The function in which a thread of a pool works; its `self` has the future."""

_plain: list[tuple[type, str, Any]] = []


def install() -> None:
    """Watch these waits of the cell."""
    wrapped = ((threading.Thread, "join", _join), (futures.Future, "result", _result))
    for owner, name, wrap in (*wrapped, (futures.Future, "exception", _result)):
        plain = vars(owner)[name]
        _plain.append((owner, name, plain))
        setattr(owner, name, functools.wraps(plain)(wrap(plain)))


def uninstall() -> None:
    """Put the plain methods back."""
    while _plain:
        setattr(*_plain.pop())


def _cell_here() -> ActorState | None:
    """The actor of the running thread, if that is the cell's."""
    state = record.actors.known_here()
    return state if record.enabled and state is record.actors.cell else None


def _join(plain: Callable[..., Any]) -> Callable[..., Any]:
    def join(self: threading.Thread, timeout: float | None = None) -> Any:
        cell = _cell_here()
        if cell is not None and timeout is None and self.ident not in (None, threading.get_ident()):

            def has_ended(seconds: float) -> bool:
                plain(self, seconds)
                return not self.is_alive()

            record.waiting.wait_for_thread(cell, has_ended, lambda: _actor_of(self.ident), "join()")
        return plain(self, timeout)

    return join


def _result(plain: Callable[..., Any]) -> Callable[..., Any]:
    how = f"{plain.__name__}()"

    def result(self: futures.Future[Any], timeout: float | None = None) -> Any:
        cell = _cell_here()
        if cell is not None and timeout is None and not self.done():

            def is_done(seconds: float) -> bool:
                return bool(futures.wait([self], seconds).done)

            record.waiting.wait_for_thread(cell, is_done, lambda: _worker_of(self), how)
        return plain(self, timeout)

    return result


def _actor_of(ident: int | None) -> ActorState | None:
    """The actor of a thread, if that has made a recorded call."""
    return next((each for each in list(record.actors.active) if each.ident == ident), None)


def _worker_of(future: futures.Future[Any]) -> ActorState | None:
    """The actor whose thread works for this future, if it has made a recorded call."""
    for state in list(record.actors.active):
        frame = frame_of(state.ident)
        for each, _ in traceback.walk_stack(frame) if frame is not None else ():
            where = (each.f_globals.get("__name__"), each.f_code.co_name)
            if where == _RUNS_A_FUTURE:
                work = each.f_locals.get("self")
                if getattr(work, "future", None) is future:
                    return state
    return None
