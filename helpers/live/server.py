"""LiveServer: any function, in a thread, observed and stoppable.

Rules of this file:

- The learner's function is called as it is. It uses plain sockets; nothing is handed to it
  but its own arguments.
- What goes wrong in the thread is told exactly once to whoever asks: `stop()`, `result()`
  or leaving the `with` block. The picture (`where`) always shows it.
- Every wait here has an end.

Theory of operation. The thread is an actor of the record (`record.py`). Stopping it means
asking its actor to stop and waking it: the socket call in which it waits raises `Stopped`,
and that unwinds the function's own `with` blocks. A function that makes no socket call
cannot be stopped; Python has no safe way to end a thread.
"""

from __future__ import annotations

import functools
import inspect
import threading
import time
import traceback
from collections.abc import Callable
from itertools import count
from typing import Any

from helpers.addresses import to_connect_to
from helpers.live import printed
from helpers.live.source import (
    Place,
    State,
    Where,
    code_of,
    place_nowhere,
    places,
    places_of_error,
)
from helpers.record.events import Actor
from helpers.record.explain import purpose_text, select_text
from helpers.record.model import ActorState, Stopped, info_of
from helpers.record.record import record
from helpers.text import error_text, visible

SETTLE_TIME = 10.0
"""Seconds that `settle` and `where` give a server to come to rest."""

_orders = count(1)


class LiveServer:
    """Runs `target(*args)` in a thread, and shows where it stands.

    `target` is a function of yours, or a single call that waits: `LiveServer(listener.accept)`.

        server = LiveServer(echo_server).start()
        client = socket.create_connection(server.address)
        server.where        # your source, with an arrow at the line where it waits
        server.stop()

    or `with LiveServer(echo_server) as server: ...`, which starts and stops it. Run the cell
    again, and the new server takes the place of the old one.
    """

    def __init__(self, target: Callable[..., Any], *args: Any) -> None:
        if not callable(target):
            raise TypeError(
                "LiveServer needs a function to run, such as LiveServer(echo_server), "
                f"without calling it; it got {_kind(target)}."
            )
        if inspect.iscoroutinefunction(target):
            raise TypeError(
                "LiveServer runs plain functions, and this one is async. "
                f"Wrap it: LiveServer(lambda: asyncio.run({_name_of(target)}()))."
            )
        if inspect.isgeneratorfunction(target):
            raise TypeError(
                f"LiveServer runs plain functions, and {_name_of(target)} contains yield: "
                "calling it makes a generator and runs nothing."
            )
        self._target = target
        self._args = args
        self.name = _name_of(target)
        self._log = printed.Log()
        self._thread: threading.Thread | None = None
        self._state = ActorState(Actor(0, self.name, "server"))
        self._result: Any = None
        self._error: BaseException | None = None
        self._error_told = False
        self._failed_at: tuple[Place, ...] = ()
        self._stopped = False

    def start(self) -> LiveServer:
        """Start the thread. Returns the server itself.

        Raises RuntimeError if it is running already, or if sockets are not recorded.
        """
        if self._alive():
            raise RuntimeError(f"{self.name} is running already. Stop it first: stop().")
        if not record.enabled:
            raise RuntimeError(
                "Sockets are not recorded yet, so a server could not be shown or stopped. "
                "Run %load_ext helpers first (outside a notebook: with helpers.recording():)."
            )
        self._forget()  # a run that ended by itself, and was not stopped
        self._result = self._error = None
        self._error_told = self._stopped = False
        self._failed_at = ()
        self._log = printed.Log()
        parent = record.actors.state()
        parent.clock += 1
        self._state = ActorState(Actor(next(_orders), self.name, "server"), parent.clock)
        record.actors.expect(self._state)
        _running.append(self)
        if _cell is not None:
            _by_cell.setdefault(_cell, []).append(self)
        printed.divert()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        printed.send_to(self._log, self._thread)
        self._thread.start()
        return self

    def _run(self) -> None:
        state = self._state
        record.actors.enter(state)
        try:
            self._result = self._target(*self._args)
        except Stopped:
            self._stopped = True
        except BaseException as error:
            self._failed_at = places_of_error(error.__traceback__, code_of(self._target))
            _let_go(error)
            self._error = error
        finally:
            record.actors.leave(state)

    def stop(self, timeout: float = 2) -> None:
        """End the server: the call in which it waits is broken off, its `with` blocks close.

        What it still can do, it does before: so what happened is the same in every run.
        Does nothing if it is over already. Raises the error that ended it, if nobody was told
        of it yet, and TimeoutError if it is still running after `timeout` seconds.
        """
        _check_seconds("stop", timeout)
        thread = self._thread
        if thread is None:
            return
        if thread is threading.current_thread():
            raise RuntimeError(
                f"{self.name} cannot stop itself: stop() waits until it has ended. "
                "Leave the function with return."
            )
        limit = time.monotonic() + timeout
        record.waiting.settle([self._state], timeout / 2)
        here = record.actors.state()
        here.clock += 1
        self._state.ask_to_stop(here.clock)
        # Half of the time is the server's own: the system may have held up this thread meanwhile.
        thread.join(max(timeout / 2, limit - time.monotonic()))
        if thread.is_alive():
            raise TimeoutError(self._cannot_stop(timeout))
        here.follow(self._state.clock)
        self._forget()
        self._tell_error()

    def discard(self, timeout: float = 2) -> None:
        """Stop it as far as that goes, and say nothing: another one takes its place."""
        if self._thread is not None:
            self._state.ask_to_stop(record.actors.state().clock)
            self._thread.join(timeout)
        self._error_told = True
        self._forget()

    def _cannot_stop(self, timeout: float) -> str:
        seen = places(self._state.ident, code_of(self._target))
        where = ""
        if seen and seen[-1].line is not None:
            line = seen[-1].line
            text = seen[-1].source[line - seen[-1].first].strip()
            where = f" It is in line {line}: {visible(text)}"
        if self._state.stops:
            why = (
                "It was stopped in a socket call, and went on: `except:` and "
                "`except BaseException:` catch the stop as well. Write `except OSError:`."
            )
        else:
            why = (
                "A server can be stopped while it waits in a socket call, and this one makes none."
            )
        return (
            f"{self.name} is still running {timeout:g} s after stop().{where}\n{why} "
            "You can go on; it runs in the background until it returns, or until you choose "
            "Restart Kernel in the menu Kernel of Jupyter."
        )

    def _forget(self) -> None:
        if self in _running:
            _running.remove(self)
        for servers in _by_cell.values():
            if self in servers:
                servers.remove(self)
        printed.restore_if_unused()

    def _tell_error(self) -> None:
        if self._error is not None and not self._error_told:
            self._error_told = True
            raise self._error

    @property
    def address(self) -> Any:
        """Where clients can connect: `(host, port)`. Waits until the server listens.

        Raises the error that ended the server, or RuntimeError if it ended without listening,
        or TimeoutError if it does not listen in time.
        """
        self._check_started("address")

        def known() -> bool:
            return self._find_address() is not None or not self._alive()

        record.waiting.watch(known, record.waiting.patience, 1.0)
        found = self._find_address()
        if found is None:
            if self._alive():
                seconds = f"{record.waiting.patience:g} s"
                raise TimeoutError(
                    f"{self.name} does not listen after {seconds}: {self._reason()}."
                )
            self._tell_error()
            raise RuntimeError(f"{self.name} ended without listening: {self._reason()}.")
        record.actors.state().follow(self._state.addressed)
        return self.known_address

    @property
    def known_address(self) -> Any:
        """Where clients can connect, as far as that is known by now: else None. Never waits."""
        return to_connect_to(self._find_address())

    @property
    def actor(self) -> ActorState:
        """What the record knows of the thread: another one for each start()."""
        return self._state

    def _find_address(self) -> Any:
        if self._state.address is not None:
            return self._state.address
        target = self._target
        more = target.args if isinstance(target, functools.partial) else ()
        for given in (getattr(target, "__self__", None), *more, *self._args):
            info = info_of(given)
            if info is not None and (info.listener is not None or info.datagram_queue is not None):
                return info.local
        return None

    def result(self, timeout: float | None = None) -> Any:
        """Wait until the function returns, and give what it returned (None if stopped).

        Raises what the function raised; TimeoutError after `timeout` seconds; `Deadlock` if
        the server itself waits for this cell, or if no `timeout` is given and the patience
        (10 s, see `helpers.patience`) ends.
        """
        _check_seconds("result", timeout)
        self._check_started("result()")
        if not record.waiting.wait_for_server(self._state, timeout):
            raise TimeoutError(
                f"{self.name} has not finished after {timeout:g} s: {self._reason()}."
            )
        if self._thread is not None:
            self._thread.join()
        self._forget()
        if self._error is not None:
            self._error_told = True
            raise self._error
        return self._result

    def settle(self, timeout: float = SETTLE_TIME) -> LiveServer:
        """Wait until the server has done all it can: it waits for somebody, or is over.

        Returns the server itself. Raises TimeoutError if it is still busy after `timeout` s.
        """
        _check_seconds("settle", timeout)
        self._check_started("settle()")
        if not record.waiting.settle([self._state], timeout):
            raise TimeoutError(f"{self.name} is still busy after {timeout:g} s: {self._reason()}.")
        return self

    @property
    def where(self) -> Where:
        """Where the server stands, once it has come to rest (or after a moment if it does not)."""
        if self._thread is not None:
            record.waiting.settle([self._state], 1.0)
        return self.snapshot()

    def snapshot(self) -> Where:
        """Where the server stands at this moment, without waiting for it to come to rest."""
        state, call = self._standing()
        if state == "waiting" or state == "running":
            seen = places(self._state.ident, code_of(self._target))
        else:
            seen = self._failed_at or place_nowhere(self._target)
        if code_of(self._target) is None or _is_socket_method(self._target):
            line = 1 if state in ("waiting", "running") else None
            seen = (Place((f"{self.name}()",), 1, line),)
        line = seen[-1].line if seen else None
        return Where(self.name, state, call, line, self._reason(), seen, self.log)

    def _standing(self) -> tuple[State, str]:
        if self._thread is None:
            return "not started", ""
        if not self._alive():
            return ("failed" if self._error is not None else "finished"), ""
        wait = self._state.wait
        if wait is not None and wait.several is not None:
            return "waiting", "select"
        if wait is not None and wait.call is not None:
            return "waiting", wait.call.name
        return "running", ""

    def _reason(self) -> str:
        state, call = self._standing()
        if state == "failed" and self._error is not None:
            return f"failed: {error_text(self._error)}"
        wait = self._state.wait
        if state == "waiting" and wait is not None and wait.several is not None:
            return f"waiting in select() {select_text(wait.several)}"
        if state == "waiting" and wait is not None and wait.call is not None:
            return f"waiting in {call}() {purpose_text(wait.call)}"
        if state == "finished" and self._stopped:
            return "finished: stopped"
        return state

    @property
    def log(self) -> str:
        """What the function has printed. It never prints into a cell."""
        return str(self._log)

    @property
    def is_over(self) -> bool:
        """Whether the function has ended, in whatever way."""
        return self._thread is not None and not self._alive()

    def _alive(self) -> bool:
        return self._thread is not None and self._state in record.actors.active

    def _check_started(self, what: str) -> None:
        if self._thread is None:
            raise RuntimeError(f"{self.name} was not started: call start() before {what}.")

    def __enter__(self) -> LiveServer:
        return self if self in _running else self.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.stop()
            return
        try:
            self.stop()
        except BaseException as server_error:
            error.add_note(
                f"The server {self.name} failed as well: "
                f"{type(server_error).__name__}: {server_error}"
            )

    def __repr__(self) -> str:
        return f"<LiveServer {self.name}: {self._reason()}>"


_running: list[LiveServer] = []
"""The servers that were started and not stopped. Only the thread of the cells touches it."""
_by_cell: dict[str, list[LiveServer]] = {}
"""The running servers, by the cell that started them."""
_cell: str | None = None


def cell_begins(cell: str) -> None:
    """A cell is about to run: the servers that it started before make room."""
    global _cell
    _cell = cell
    for server in _by_cell.pop(cell, []):
        server.discard()
    if _running:
        printed.divert()  # the cell before may have replaced the streams


def stop_all() -> None:
    """Stop every server that is still running, whatever it says."""
    global _cell
    _cell = None
    _by_cell.clear()
    for server in list(_running):
        server.discard()


def _let_go(error: BaseException) -> None:
    """Forget the variables of the frames that an error came through: their sockets close."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        traceback.clear_frames(now.__traceback__)
        now = now.__cause__ or now.__context__


def _is_socket_method(target: Callable[..., Any]) -> bool:
    return hasattr(getattr(target, "__self__", None), "_info")


def _name_of(target: Callable[..., Any]) -> str:
    function = getattr(target, "func", target)
    name = str(getattr(function, "__name__", type(function).__name__))
    if _is_socket_method(target):
        listener = target.__self__  # type: ignore[attr-defined]
        info = info_of(listener)
        if info is not None and not info.name:
            info.learn_name(listener)
        return f"{(info and info.name) or 'socket'}.{name}"
    return "lambda" if name == "<lambda>" else name


def _kind(value: object) -> str:
    return "None" if value is None else f"{type(value).__name__} {value!r:.60}"


def _check_seconds(what: str, value: object) -> None:
    if value is None and what == "result":
        return
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not 0 <= value <= threading.TIMEOUT_MAX:  # type: ignore[operator]
        raise TypeError(
            f"{what}(timeout) takes a number of seconds, such as 2; it got {_kind(value)}."
        )
