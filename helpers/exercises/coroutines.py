"""The learner's coroutine function in its event loop: called, cancelled, and what it leaves.

Rules of this file:

- The loop runs in the thread of the function, as everything of it, and never in the kernel's loop.
- What the loop still has when the function has ended is counted first, and closed then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.exercises.fair_time import watch
from helpers.libraries import is_library
from helpers.live.source import latest_steps

Function = Callable[..., Awaitable[Any]]

TURNS = 3
"""Turns of the loop in which what was closed is closed: close() of a stream takes one."""

MOMENT = 0.5
"""Seconds in which a loop that waits has taken a request of another thread. Chosen: it only has to
wake up."""

_RETURNED = {
    "open": "returned_open",
    "closing": "returned_closing",
    "closed": "returned_closed",
}
_CANCELLED = {
    "open": "cancelled_open",
    "closing": "cancelled_closing",
    "closed": "cancelled_closed",
}
"""Whole keys, so that who looks for the code of a key in `words.toml` finds it."""


class Call:
    """One call of a coroutine function, as a task that can be cancelled."""

    def __init__(self) -> None:
        self.left_running = 0
        """Tasks that it has started, and that still ran when it had ended."""
        self.left_connected = 0
        """Connections that were still open then."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Future[Any] | None = None

    async def run(self, function: Function, *args: Any) -> Any:
        """Call it, and give what it gives. For `Stage.start(..., within=)`."""
        self._loop = _quiet_loop()
        self._task = asyncio.ensure_future(function(*args))
        with _closed_by_itself_only():
            try:
                return await self._task
            finally:
                here = asyncio.current_task()
                self.left_running = sum(each is not here for each in asyncio.all_tasks())
                await _turn()
                self.left_connected = await _abort_all(self._loop)

    def cancel(self) -> None:
        """Cancel the task, from another thread."""
        _ask(self._loop, self._task)


class Handlers:
    """A server that calls a coroutine function for each client, with its streams."""

    def __init__(self, note: Callable[[str], None] = lambda call: None) -> None:
        self.ended: list[str] = []
        """How the call for each client has ended, in the order in which they came: `still_there`,
        `cancelled`, or `returned`, and with the last two whether the connection was closed then."""
        self._note = note
        """Is told of the library's function whose error came out of a call: `wait_closed`."""
        self._tasks: list[asyncio.Task[Any] | None] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, function: Function, listener: Any) -> None:
        """Serve until stopped, or until a call raises an error. For `Stage.start(..., within=)`."""
        self._loop = _quiet_loop()
        failed = self._loop.create_future()

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            place = len(self.ended)
            self.ended.append("still_there")
            self._tasks.append(asyncio.current_task())
            self._writers.append(writer)
            try:
                await function(reader, writer)
                self.ended[place] = _RETURNED[_state(writer)]
            except asyncio.CancelledError:
                self.ended[place] = _CANCELLED[_state(writer)]
                raise
            except Exception as error:
                if not failed.done():
                    if call := _raised_in(error):
                        self._note(call)
                    failed.set_exception(error)

        server = await asyncio.start_server(handle, sock=listener)
        try:
            await failed
        finally:
            server.close()
            with suppress(asyncio.CancelledError):
                await _turn()
            await _abort_all(self._loop)

    def cancel(self, place: int) -> None:
        """Cancel the call for a client, from another thread."""
        _ask(self._loop, self._tasks[place])


@contextmanager
def _closed_by_itself_only() -> Iterator[None]:
    """Inside the block Python closes no stream that nobody holds any more.

    From 3.11.4 on it does, if no error holds it either: so it would depend on chance.
    """
    plain = vars(asyncio.StreamWriter).get("__del__")
    if plain is not None:
        del asyncio.StreamWriter.__del__
    try:
        yield
    finally:
        if plain is not None:
            asyncio.StreamWriter.__del__ = plain  # type: ignore[method-assign]


def _quiet_loop() -> asyncio.AbstractEventLoop:
    """The running loop. It prints no error that nobody has awaited: the facts have what counts."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: None)
    return loop


def _state(writer: asyncio.StreamWriter) -> str:
    if writer.get_extra_info("socket").fileno() < 0:
        return "closed"
    return "closing" if writer.is_closing() else "open"


def _raised_in(error: BaseException) -> str:
    """The first of the library's functions that the learner's lines called with this error."""
    is_learners = False
    for frame, _ in latest_steps(error.__traceback__):
        code = frame.f_code
        if not is_library(code.co_filename):
            is_learners = True
        elif is_learners and not code.co_name.startswith("_"):
            return code.co_name
    return ""


def _ask(loop: asyncio.AbstractEventLoop | None, task: asyncio.Future[Any] | None) -> None:
    """Cancel a task, and wait until its loop has begun with it."""
    if loop is None or task is None or task.done():
        return
    has_begun = asyncio.run_coroutine_threadsafe(_cancel(task), loop)
    watch(has_begun.done, MOMENT)


async def _cancel(task: asyncio.Future[Any]) -> None:
    task.cancel()


async def _turn() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def _abort_all(loop: asyncio.AbstractEventLoop) -> int:
    """Close the connections that are open in this loop. Gives their number.

    A loop of asyncio's own has them in `_transports`. Of another one nothing is known.
    """
    transports = [*getattr(loop, "_transports", {}).values()]
    open_now = [each for each in transports if each.get_extra_info("socket").fileno() >= 0]
    for transport in open_now:
        transport.abort()
    await _turn()
    return len(open_now)
