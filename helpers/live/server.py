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

import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from helpers.addresses import to_connect_to
from helpers.live import children, registry
from helpers.live.holders import line_text
from helpers.live.plain_sockets import told_of_thread
from helpers.live.run import Run, has_own_source
from helpers.live.source import Place, Standing, State, Where, nowhere
from helpers.live.target import check, described, given_to, name_of
from helpers.live.words import LATE, REASON, REFUSED, THREADS
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.text import error_text

SETTLE_TIME = 10.0
"""Seconds that `settle` gives a server to come to rest: as long as a cell waits for an answer."""

LOOK_TIME = 1.0
"""Seconds that `where` gives it: who looks at a busy server wants to see it, and not to wait."""

ALONE = 0.1
"""Seconds that a server has for its end before the threads that it started are asked to end: so
its calls come first. It needs a thousandth, unless it waits for these threads."""


class LiveServer:
    """Runs `target(*args)` in a thread, and shows where it stands.

    `target` is a function of yours, or a single call that waits: `LiveServer(listener.accept)`. An
    `async def` runs in an event loop of its own, as with `asyncio.run()`.

        server = LiveServer(echo_server).start()
        client = socket.create_connection(server.address)
        server.where        # your source, with an arrow at the line where it waits
        server.stop()

    or `with LiveServer(echo_server) as server: ...`, which starts and stops it. Run the cell
    again, and the new server takes the place of the old one.
    """

    def __init__(self, target: Callable[..., Any], *args: Any) -> None:
        check(target)
        self._target = target
        self._args = args
        self.name = name_of(target)
        self._run: Run | None = None

    def start(self) -> LiveServer:
        """Start the thread. Returns the server itself.

        Raises RuntimeError if it is running already, or if sockets are not recorded.
        """
        if not (self._run is None or self.is_over):
            raise RuntimeError(REFUSED("running", name=self.name))
        if not record.enabled:
            raise RuntimeError(REFUSED["not recorded"])
        registry.remove(self)  # a run that ended by itself, and was not stopped
        self._run = Run(self._target, self._args, self.name)
        registry.enter(self)
        self._run.start()
        return self

    def stop(self, timeout: float = 2) -> None:
        """End the server: the call in which it waits is broken off, its `with` blocks close.

        What it still can do, it does before: so what happened is the same in every run.
        Does nothing if it is over already. Raises the error that ended it, if nobody was told
        of it yet, and TimeoutError if it is still running after `timeout` seconds.

        The threads that the server has started end in the same way. Warns of those that do not.
        """
        _check_seconds("stop", timeout)
        run = self._run
        if run is None:
            return
        if run.thread is threading.current_thread():
            raise RuntimeError(REFUSED("itself", name=self.name))
        limit = time.monotonic() + timeout
        record.waiting.settle([run.actor], timeout / 2)
        if started := run.children():
            left = max(0.0, limit - timeout / 2 - time.monotonic())
            record.waiting.settle(children.actors_of(started), left, look=True)
        here = record.actors.state()
        here.clock += 1
        run.actor.ask_to_stop(here.clock)
        # Half of the time is the server's own: the system may have held up this thread meanwhile.
        limit = max(time.monotonic() + timeout / 2, limit)
        run.thread.join(min(ALONE, timeout))
        self._stop_children(run, here, limit)
        if run.thread.is_alive():
            raise TimeoutError(self._cannot_stop(run, timeout))
        here.follow(run.actor.clock)
        registry.remove(self)
        run.tell_error()

    def _stop_children(self, run: Run, here: ActorState, limit: float) -> None:
        """End the threads that the server has started, and the server, which may wait for them."""
        waiting = children.ask_to_stop(run.children(), here.clock)
        run.thread.join(max(0.0, limit - time.monotonic()))
        children.join(waiting, limit)
        children.let_end(run.children(), limit)
        left = run.children()
        if left and not run.thread.is_alive():
            said = THREADS("stopped", name=self.name, threads=children.told(left))
            warnings.warn(f"{said} {THREADS['how to end']}", RuntimeWarning, stacklevel=3)

    def discard(self, timeout: float = 2) -> None:
        """Stop it as far as that goes, and say nothing: another one takes its place.

        No ladder shows how it ends.
        """
        if self._run is not None:
            limit = time.monotonic() + timeout
            clock, cursor = record.actors.state().clock, record.log.read().cursor
            its_threads = self._run.children()
            actors = [self._run.actor, *children.actors_of(its_threads)]
            self._run.actor.ask_to_stop(clock)
            self._run.thread.join(min(ALONE, timeout))
            children.join(children.ask_to_stop(self._run.children(), clock), limit)
            self._run.thread.join(max(0.0, limit - time.monotonic()))
            children.let_end(self._run.children(), limit)
            self._run.error_told = True
            record.leave_out(actors, cursor)
        registry.remove(self)

    def _cannot_stop(self, run: Run, timeout: float) -> str:
        why = LATE["caught"] if run.actor.stops else self._not_recorded(run) or LATE["no call"]
        late = LATE("stop", name=self.name, seconds=timeout)
        where = " ".join(filter(None, [late, line_text(run)]))
        return f"{where}\n{why} {LATE['goes on']}"

    def _not_recorded(self, run: Run, before: str = "") -> str:
        """What to say where it uses a socket that is not recorded; nothing where it does not."""
        told = told_of_thread(run.actor.ident, given_to(self._target, self._args))
        return f"{before}{told}" if told else ""

    @property
    def address(self) -> Any:
        """Where clients can connect: `(host, port)`. Waits until the server listens.

        Raises the error that ended the server, or RuntimeError if it ended without listening,
        or TimeoutError if it does not listen in time.
        """
        run = self._started("address")

        def known() -> bool:
            return self._find_address() is not None or not run.is_alive()

        record.waiting.watch(known, record.waiting.patience, 1.0)
        found = self._find_address()
        if found is None:
            if run.is_alive():
                told = self._late("address", record.waiting.patience)
                raise TimeoutError(f"{told}{self._not_recorded(run, chr(10))}")
            run.tell_error()
            raise RuntimeError(LATE("ended early", name=self.name, reason=run.reason()))
        record.actors.state().follow(run.actor.addressed)
        return self.known_address

    @property
    def known_address(self) -> Any:
        """Where clients can connect, as far as that is known by now: else None. Never waits."""
        return to_connect_to(self._find_address())

    @property
    def actor(self) -> ActorState:
        """What the record knows of the thread: another one for each start()."""
        return self._started("actor").actor

    def _find_address(self) -> Any:
        if self._run is not None and self._run.actor.address is not None:
            return self._run.actor.address
        for given in given_to(self._target, self._args):
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
        run = self._started("result()")
        if not record.waiting.wait_for_server(run.actor, timeout):
            raise TimeoutError(self._late("result", timeout))
        run.thread.join()
        registry.remove(self)
        if run.error is not None:
            run.error_told = True
            raise run.error
        return run.result

    def settle(self, timeout: float = SETTLE_TIME) -> LiveServer:
        """Wait until the server has done all it can: it waits for somebody, or is over.

        Returns the server itself. Raises TimeoutError if it is still busy after `timeout` s.
        """
        _check_seconds("settle", timeout)
        run = self._started("settle()")
        if not record.waiting.settle([run.actor], timeout):
            raise TimeoutError(self._late("settle", timeout))
        self._settle_threads(run)
        return self

    @staticmethod
    def _settle_threads(run: Run) -> None:
        """Let the threads that it has started do what they can. One that computes is left to it."""
        if started := run.children():
            record.waiting.settle(children.actors_of(started), LOOK_TIME, look=True)

    @property
    def where(self) -> Where:
        """Where it and its threads stand, once they have come to rest, or after a moment."""
        if self._run is not None:
            record.waiting.settle([self._run.actor], LOOK_TIME, look=True)
            self._settle_threads(self._run)
        return self.snapshot()

    def snapshot(self) -> Where:
        """Where the server stands at this moment, without waiting for it to come to rest."""
        run = self._run
        stands: tuple[State, str] = ("not started", "") if run is None else run.stands()
        state, call = stands
        if has_own_source(self._target):
            found = nowhere(self._target) if run is None else run.standing(state)
        else:
            line = 1 if state in ("waiting", "running") else None
            found = Standing((Place((f"{self.name}()",), 1, line),))
        return Where(
            self.name,
            state,
            call,
            found.line,
            self._reason(),
            found.places,
            self.log,
            found.others,
        )

    def _reason(self) -> str:
        if self._run is None:
            return REASON["not started"]
        reason = self._run.reason()
        told = self._not_recorded(self._run, ". ") if reason == REASON["running"] else ""
        return f"{reason}{told}"

    def _late(self, what: str, seconds: float | None) -> str:
        """What did not come in so many seconds, and what the server does."""
        reason = self._run.reason() if self._run is not None else ""
        return LATE(what, name=self.name, seconds=seconds, reason=reason)

    @property
    def log(self) -> str:
        """What the function has printed. It never prints into a cell."""
        return "" if self._run is None else str(self._run.log)

    @property
    def is_over(self) -> bool:
        """Whether the function has ended, in whatever way."""
        return self._run is not None and not self._run.is_alive()

    def _started(self, what: str) -> Run:
        if self._run is None:
            raise RuntimeError(REFUSED("not started", name=self.name, what=what))
        return self._run

    def __enter__(self) -> LiveServer:
        return self if self in registry.running else self.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.stop()
            return
        try:
            self.stop()
        except BaseException as server_error:
            told = error_text(server_error)
            error.add_note(LATE("failed as well", name=self.name, error=told))

    def __repr__(self) -> str:
        return f"<LiveServer {self.name}: {self._reason()}>"


def _check_seconds(what: str, value: object) -> None:
    if value is None and what == "result":
        return
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not 0 <= value <= threading.TIMEOUT_MAX:  # type: ignore[operator]
        raise TypeError(REFUSED("seconds", what=what, given=described(value)))
