"""Lets a live server be seen and stopped while it waits in `selectors` or in select().

Rules of this file:

- Only a live server's thread is touched. For every other thread the plain call is made.
- The server sees no difference: the descriptor that wakes it is never in what it gets.

Theory of operation. The wait also watches the actor's wake-up socket (see `actors.py`). A
server that runs `asyncio` unwinds through its event loop, which waits again to cancel its
tasks. So `Stopped` is raised here once for each stop(), and in socket calls every time.

`select.poll` and `select.epoll` used directly are not covered: stop() says so after its limit.
"""

from __future__ import annotations

import functools
import select
import selectors
from collections.abc import Callable, Iterable
from typing import Any

from helpers.actors import ActorState, Wait
from helpers.calls import note_of
from helpers.record import record

_plain_select = select.select
_plain_methods: dict[type, Callable[..., Any]] = {}
"""The selectors' own `select`, by class, while the recorder is installed."""


def install() -> None:
    """Let `selectors` and `select.select` wait so that a live server can be stopped."""
    select.select = _select
    kinds = {each for each in vars(selectors).values() if isinstance(each, type)}
    for kind in kinds - {selectors.BaseSelector}:
        plain = vars(kind).get("select")
        if plain is not None:
            _plain_methods[kind] = plain
            kind.select = _stoppable(plain)  # type: ignore[attr-defined]


def uninstall() -> None:
    """Put the plain ones back."""
    select.select = _plain_select
    for kind, plain in _plain_methods.items():
        kind.select = plain  # type: ignore[attr-defined]
    _plain_methods.clear()


def _stoppable(plain: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def select(self: selectors.BaseSelector, timeout: float | None = None) -> Any:
        state = record.server_here()
        if state is None or (timeout is not None and timeout <= 0):
            return plain(self, timeout)
        keys = list(self.get_map().values())
        watched = tuple(
            (key.fd, write)
            for key in keys
            for event, write in ((selectors.EVENT_READ, False), (selectors.EVENT_WRITE, True))
            if key.events & event
        )
        _has_listener(state, (key.fileobj for key in keys))
        waker = state.ready_to_wait()
        self.register(waker, selectors.EVENT_READ)
        try:
            with record.selecting(
                state, Wait(None, None, False, timeout is not None, None, watched)
            ):
                ready = plain(self, timeout)
        finally:
            self.unregister(waker)
        return [each for each in ready if each[0].fileobj is not waker or _look_up(state)]

    return select


def _select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /) -> Any:
    state = record.server_here()
    if state is None or (timeout is not None and timeout <= 0):
        return _plain_select(rlist, wlist, xlist, timeout)
    rlist, wlist, xlist = list(rlist), list(wlist), list(xlist)
    watched = tuple(
        (each if isinstance(each, int) else each.fileno(), write)
        for several, write in ((rlist, False), (wlist, True), (xlist, False))
        for each in several
    )
    _has_listener(state, rlist)
    waker = state.ready_to_wait()
    with record.selecting(state, Wait(None, None, False, timeout is not None, None, watched)):
        readable, writable, failed = _plain_select([*rlist, waker], wlist, xlist, timeout)
    return [each for each in readable if each is not waker or _look_up(state)], writable, failed


functools.update_wrapper(_select, _plain_select)


def _look_up(state: ActorState) -> bool:
    """The actor was poked: it stops if it was asked to. False: the poke is no result."""
    state.ready_to_wait().drain()
    if state.stops == 0:
        state.stop_if_asked()
    return False


def _has_listener(state: ActorState, sockets: Iterable[Any]) -> None:
    """The actor waits for clients: this is its address, if it made none of its own."""
    if state.address is not None:
        return
    for each in sockets:
        note = note_of(each)
        if note is not None and note.listening is not None:
            record.serves(state, note)
            return
