"""Lets a wait for several sockets at once be seen and ended, as a wait for one of them is.

That is in `selectors`, or in what is in `select`: select(), poll() and epoll.

Rules of this file:

- A live server can be stopped in it. It sees no difference: the wake-up socket is never in what
  it gets.
- In a cell a wait without a timeout ends with the patience, if it is for recorded sockets and
  nothing else. For anything else, such as the pipes of a program, the plain call is made.
- A plain thread is like a server, as long as it waits for recorded sockets and nothing else.

Theory of operation. What is ready at once needs no wait. For a wait `wait_for_any` has these rules;
around it each way to wait says what it waits for, and how. A server's wait also watches the actor's
wake-up socket (`wakeup.py`). A server that runs `asyncio` unwinds through its event loop, which
waits again to cancel its tasks. So `Stopped` is raised here once for each stop(), and in socket
calls every time: a task that makes one keeps that for itself, and its loop goes on to wait here.

A poll object cannot tell what it watches, and its class cannot be derived from. So `select.poll`
and `select.epoll` give an object that notes it, and has a plain one inside.
"""

from __future__ import annotations

import functools
import select
import selectors
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from helpers.record.busy_loop import found_ready, made_no_progress
from helpers.record.clock import clock
from helpers.record.model import ActorState, Wait
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.system_calls import Sleep, sleep_of
from helpers.record.wakeup import LONGEST, SELECT_MOST, SLICE, Waker, is_ready
from helpers.sockets import watched as registered
from helpers.sockets.letting_go import like_builtin
from helpers.sockets.watched import Tally, Watched, are_recorded, ends_of, keys, tally_of

_plain_select = select.select
_plain_methods: dict[type, Callable[..., Any]] = {}
"""The selectors' own `select`, by class, while the recorder is installed."""


_plain_polls: dict[str, Callable[..., Any]] = {
    name: getattr(select, name) for name in ("poll", "epoll") if hasattr(select, name)
}
"""Windows has none of them, macOS has no epoll."""

_READ, _WRITE = getattr(select, "POLLIN", 1), getattr(select, "POLLOUT", 4)
"""The same numbers for poll(), for epoll (man 7 epoll) and for selectors."""


def install() -> None:
    """Let `selectors` and what is in `select` wait so that a live server can be stopped."""
    registered.install()
    select.select = _STANDS_FOR_SELECT
    for name in _plain_polls:
        setattr(select, name, _POLLS[name])
    kinds = {each for each in vars(selectors).values() if isinstance(each, type)}
    for kind in kinds - {selectors.BaseSelector}:
        plain = vars(kind).get("select")
        if plain is not None:
            _plain_methods[kind] = plain
            kind.select = _stoppable(plain)  # type: ignore[attr-defined]


def stand_ins() -> dict[Any, Any]:
    """The plain functions of `select`, and what stands in the place of each."""
    return {_plain_select: _STANDS_FOR_SELECT} | {
        _plain_polls[name]: _POLLS[name] for name in _plain_polls
    }


def uninstall() -> None:
    """Put the plain ones back."""
    registered.uninstall()
    select.select = _plain_select
    for name, plain_poll in _plain_polls.items():
        setattr(select, name, plain_poll)
    for kind, plain in _plain_methods.items():
        kind.select = plain  # type: ignore[attr-defined]
    _plain_methods.clear()


def _stoppable(plain: Callable[..., Any]) -> Callable[..., Any]:
    """The method `select` of a selector, from its plain one."""

    @functools.wraps(plain)
    def select(self: selectors.BaseSelector, timeout: float | None = None) -> Any:
        state = _waiting_here(timeout)
        if state is None or (timeout is not None and timeout <= 0):
            ready = plain(self, timeout)
            if state is not None and not ready:
                made_no_progress(state)
            return ready
        tally = tally_of(self)
        ready = plain(self, 0)
        if ready:
            _need_not_wait(state, tally, (key.fileobj for key, _ in ready))
            return ready

        def look() -> Iterator[tuple[int, bool]]:
            for key in keys(self):
                if not isinstance(key.fileobj, int) and key.fileobj.fileno() != key.fd:
                    continue  # it was closed: another may have that number by now
                for event, write in ((selectors.EVENT_READ, False), (selectors.EVENT_WRITE, True)):
                    if key.events & event:
                        yield key.fd, write

        def wait(waker: Waker | None, at_most: float | None = timeout) -> Any:
            with _watched(waker, self):
                return plain(self, at_most)

        watching = Watched(look, (id(self), tally.changes))
        ready = wait_for_any(state, tally, watching, timeout, wait)
        return [each for each in ready if not _is_poke(state, each[0].fileobj)]

    return select


@functools.wraps(_plain_select)
def _select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /) -> Any:
    state = _waiting_here(timeout)
    if state is None:
        return _plain_select(rlist, wlist, xlist, timeout)
    if timeout is not None and timeout <= 0:
        found = _plain_select(rlist, wlist, xlist, timeout)
        if not any(found):
            made_no_progress(state)
        return found
    try:
        rlist, wlist, xlist = (
            each if isinstance(each, list | tuple) else list(each) for each in (rlist, wlist, xlist)
        )
    except TypeError:  # the plain call says what is wrong
        return _plain_select(rlist, wlist, xlist, timeout)
    found = _plain_select(rlist, wlist, xlist, 0)
    sockets = [*rlist, *wlist, *xlist] if state.address is None or not any(found) else []
    if any(found):
        _need_not_wait(state, sockets, (each for ready in found for each in ready))
        return found

    def look() -> Iterator[tuple[int, bool]]:
        for several, write in ((rlist, False), (wlist, True), (xlist, False)):
            for each in tuple(several):
                yield each if isinstance(each, int) else each.fileno(), write

    def wait(waker: Waker | None, at_most: float | None = timeout) -> Any:
        reading = rlist  # the very list: a fileno() may change it
        if waker is not None and 0 <= waker.fileno() < SELECT_MOST:
            reading = [*rlist, waker]
        return _plain_select(reading, wlist, xlist, at_most)

    same = tuple(each if isinstance(each, int) else id(each) for each in sockets)
    watching = Watched(look, same)
    readable, *others = wait_for_any(state, sockets, watching, timeout, wait)
    return [each for each in readable if not _is_poke(state, each)], *others


def _owners_in(watching: dict[int, tuple[Any, int]]) -> list[Any]:
    """The sockets that a poll object watches; None for what is none of ours."""
    return [None if owner is None else owner() for owner, _ in list(watching.values())]


class _Poll:
    """A poll object that notes what it watches. All else is up to the plain one in it."""

    _kind = "poll"
    _second = 1000.0
    """In what its timeout counts."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if self._kind == "poll":
            if arguments != (_made_here,):
                raise TypeError("cannot create 'select.poll' instances")
            arguments = ()
        self._plain = _plain_polls[self._kind](*arguments, **options)
        self._watched: dict[int, tuple[Any, int]] = {}
        """By descriptor: a weak reference to its socket, if there is one, and the events."""
        watching = self._watched  # and not the object itself: a cycle would keep it open
        self._tally = Tally(lambda: _owners_in(watching), watching.__len__)

    def register(self, fd: Any, eventmask: int = _READ | _WRITE) -> None:
        self._plain.register(fd, eventmask)
        number = fd if isinstance(fd, int) else fd.fileno()
        self._watched[number] = (None if info_of(fd) is None else weakref.ref(fd), eventmask)
        self._tally.registered(number, fd)

    def modify(self, fd: Any, eventmask: int) -> None:
        self._plain.modify(fd, eventmask)
        number = fd if isinstance(fd, int) else fd.fileno()
        self._watched[number] = (self._watched.get(number, (None,))[0], eventmask)

    def unregister(self, fd: Any) -> None:
        self._plain.unregister(fd)
        number = fd if isinstance(fd, int) else fd.fileno()
        self._watched.pop(number, None)
        self._tally.unregistered(number)

    def poll(self, timeout: float | None = None, *more: Any, **options: Any) -> Any:
        unlimited = timeout is None or timeout < 0
        state = _waiting_here(None if unlimited else timeout)
        if state is None or timeout == 0:
            ready = self._plain.poll(timeout, *more, **options)
            if state is not None and not ready:
                made_no_progress(state)
            return ready

        def wait(waker: Waker | None, at_most: float | None = None) -> Any:
            limit = timeout if at_most is None else at_most * self._second
            with _watched(waker, self._plain):
                return self._plain.poll(limit, *more, **options)

        ready = self._plain.poll(0, *more, **options)
        if ready:
            _need_not_wait(state, self._tally, self._owners(fd for fd, _ in ready))
            return ready
        watching = Watched(self._look, (id(self), self._tally.changes), self._tells())
        seconds = None if timeout is None or unlimited else timeout / self._second
        ready = wait_for_any(state, self._tally, watching, seconds, wait)
        return [each for each in ready if not _is_poke(state, each[0])]

    def _owners(self, numbers: Iterable[int]) -> Iterator[Any]:
        """The sockets with these numbers; None for what is none of ours."""
        for number in numbers:
            owner = self._watched.get(number, (None,))[0]
            yield None if owner is None else owner()

    def _look(self) -> Iterator[tuple[int, bool]]:
        """What it watches, but for what was closed: another may have that number by now."""
        for fd, (owner, events) in list(self._watched.items()):
            sock = None if owner is None else owner()
            if owner is None or (sock is not None and sock.fileno() == fd):
                for event, write in ((_READ, False), (_WRITE, True)):
                    if events & event:
                        yield fd, write

    def _tells(self) -> Callable[[], bool] | None:
        """Whether it has something to tell. None: whoever of what it watches is ready tells."""
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


class _Epoll(_Poll):
    """The same for epoll, which is closed, too."""

    _kind = "epoll"
    _second = 1.0

    @classmethod
    def fromfd(cls, fd: int) -> Any:
        return _plain_polls[cls._kind].fromfd(fd)  # type: ignore[attr-defined]

    def _tells(self) -> Callable[[], bool] | None:
        """Its own descriptor is readable then (man 7 epoll): it knows of what it tells once.

        What it has told once (EPOLLET, EPOLLONESHOT) it does not tell again, and the thread may
        still wait for the interpreter. So one that does not sleep has something, too.
        """
        number, thread = self._plain.fileno(), threading.get_native_id()
        return lambda: is_ready(number, False) or sleep_of(thread) is Sleep.NONE

    def __enter__(self) -> _Epoll:
        return self

    def __exit__(self, *error: object) -> None:
        self._plain.close()


def _poll() -> _Poll:
    """select.poll: a function, whose objects nobody makes by their class."""
    return _Poll(_made_here)


_poll.__name__ = _poll.__qualname__ = "poll"
_Epoll.__name__ = _Epoll.__qualname__ = "epoll"


_made_here = object()


_STANDS_FOR_SELECT = like_builtin(_select)
_POLLS: dict[str, Any] = {"poll": like_builtin(_poll), "epoll": _Epoll}


def _waiting_here(timeout: float | None) -> ActorState | None:
    """The actor of the running thread, if its wait for several sockets is to be noted."""
    state = record.actors.waited_for_here() if record.enabled else None
    if state is None or state.wait is not None:  # a selector of Windows calls select()
        return None
    return None if state is record.actors.cell and timeout is not None else state


def _need_not_wait(
    state: ActorState, sockets: Collection[Any] | Tally, ready: Iterable[Any]
) -> None:
    """These are ready at once: there is no wait to note. `Stopped` is raised all the same."""
    state.stop_select_if_asked()
    found_ready(state, ready)
    kind = state.actor.kind
    if state.address is None and (kind == "server" or (kind == "thread" and are_recorded(sockets))):
        _has_listener(state, sockets)


def wait_for_any(
    state: ActorState,
    sockets: Collection[Any] | Tally,
    watched: Iterable[tuple[int, bool]],
    timeout: float | None,
    wait: Callable[..., Any],
) -> Any:
    """The wait of an actor for any of several sockets. Gives what `wait` gives.

    `watched` are their descriptors, each with `write`. `wait(waker)` makes the plain call, which
    watches the wake-up socket, too, if there is one, and waits `timeout` seconds.
    `wait(waker, at_most)` waits so many.

    Raises `Stopped` in a live server that is asked to stop, and `Deadlock` in a cell when its
    patience is over.
    """
    kind = state.actor.kind
    ends = functools.partial(ends_of, sockets)
    until = None if timeout is None else clock.now() + timeout
    noted = Wait(None, None, False, until is not None, None, watched, ends=ends, until=until)
    if kind == "server" or (kind == "thread" and are_recorded(sockets)):
        _has_listener(state, sockets)
        waker = state.ready_to_wait()
        _look_around(state, waker)  # an earlier wait may have left a poke
        with record.waiting.selecting(state, noted):
            is_held = until is not None and clock.is_held()
            ready = wait(waker, LONGEST) if is_held else wait(waker)
            if not any(ready) or state.time_is_up is noted:
                state.timed_out = noted.key
            return ready
    if state is not record.actors.cell or not are_recorded(sockets):
        return wait(None)
    with record.waiting.selecting(state, noted):  # Ctrl-C ends it without a wake-up socket
        limit = time.monotonic() + record.waiting.patience
        while True:
            ready = wait(None, min(max(0.0, limit - time.monotonic()), SLICE))
            if any(ready):
                return ready
            if time.monotonic() >= limit:
                limit = record.waiting.be_patient(state)


@contextmanager
def _watched(waker: Waker | None, by: Any) -> Iterator[None]:
    """Inside the block the selector, or poll object, watches the wake-up socket, too."""
    if waker is None or waker.fileno() < 0:
        yield
        return
    by.register(waker, _READ)
    try:
        yield
    finally:
        by.unregister(waker)


def _is_poke(state: ActorState, ready: Any) -> bool:
    """Whether what is ready, an object or a descriptor, is the wake-up socket.

    Raises `Stopped` if the actor was asked to stop.
    """
    waker = state.waker
    if waker is None or (ready is not waker and ready != waker.fileno()):
        return False
    _look_around(state, waker)
    return True


def _look_around(state: ActorState, waker: Waker) -> None:
    """Forget the pokes so far, and stop if one of them asked for it."""
    waker.drain()
    state.stop_select_if_asked()


def _has_listener(state: ActorState, sockets: Iterable[Any]) -> None:
    """The actor waits for clients: this is its address, if it made none of its own."""
    if state.address is not None:
        return
    if isinstance(sockets, Tally):
        if sockets.looked_for_listener == sockets.changes:
            return
        sockets.looked_for_listener = sockets.changes
    for each in sockets:
        info = info_of(each)
        if info is not None and info.listener is not None:
            record.tracker.serves(state, info)
            return
