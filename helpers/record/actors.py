"""Who makes calls, how one of them waits, and how it can be woken.

Rules of this file:

- An `ActorState` belongs to one thread. That thread alone changes `clock` and what it
  waits for; others may read them, wake it (`poke`) and ask it to stop.
- Waiting means: a selector on two descriptors, the socket and the actor's own wake-up
  socket. The real call comes after it. So every wait can be ended from outside, on
  every system, and a signal handler can run.
- Wake-up sockets are never recorded (`not_recorded`).
"""

from __future__ import annotations

import _socket
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpers.record.events import Actor

if TYPE_CHECKING:
    from helpers.record.model import Call

SLICE = 0.25
"""Seconds after which a wait looks for Ctrl-C on Windows, where a signal ends no select()."""

LONGEST = 86_400.0
"""Seconds that one poll() waits at most: its own limit is a 32-bit count of milliseconds."""

_plain_select = select.select
_plain_poll: Any = getattr(select, "poll", None)
"""Windows has none."""


class Stopped(BaseException):
    """Raised inside a live server when it is asked to stop: its `with` blocks unwind.

    It is not an `Exception`, so that `except Exception` does not swallow it.
    """


class Deadlock(TimeoutError):
    """A call waits for something that will not come. The message says who waits where.

    The socket stays usable: the next cell can go on with it.
    """


_thread = threading.local()


@contextmanager
def not_recorded() -> Iterator[None]:
    """Sockets made by this thread inside the block are not recorded."""
    before = is_not_recorded()
    _thread.not_recorded = True
    try:
        yield
    finally:
        _thread.not_recorded = before


def is_not_recorded() -> bool:
    """Whether the running thread is inside `not_recorded()`."""
    return getattr(_thread, "not_recorded", False)


def _pair() -> tuple[_socket.socket, _socket.socket]:
    """Two sockets that are connected with each other, and never recorded."""
    if hasattr(_socket, "socketpair"):
        return _socket.socketpair()  # what `socket.socketpair` makes its own from: half the time
    with not_recorded():
        return socket.socketpair()  # Windows


class Waker:
    """A pair of sockets: a byte written to one ends a wait on the other."""

    __slots__ = ("_poll", "_reader", "_writer")

    def __init__(self) -> None:
        self._poll: tuple[Any, int | None, bool] | None = None
        """The poll object of the last wait, and what it watched: often the next one's too."""
        self._reader, self._writer = _pair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def poke(self) -> None:
        """End the present wait, or the next one."""
        try:
            self._writer.send(b"!")
        except BlockingIOError:
            pass  # it is full of pokes already
        except OSError:
            pass  # the actor ended in between

    def drain(self) -> None:
        """Forget the pokes so far."""
        try:
            while self._reader.recv(64):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Give both descriptors back."""
        self._reader.close()
        self._writer.close()

    def wait(self, fd: int | None, write: bool, timeout: float | None) -> tuple[bool, bool]:
        """Wait until `fd` is ready, a poke came, or `timeout` seconds have passed.

        Returns (the descriptor is ready, a poke came). Both are False at the timeout, and
        on Windows every `SLICE` seconds.
        """
        if sys.platform == "win32":
            return self._wait_windows(fd, self._reader.fileno(), write, timeout)
        # It is taken out meanwhile: a signal handler that waits as well makes its own.
        kept, self._poll = self._poll, None
        if kept is None or kept[1] != fd or kept[2] != write:
            poller = _plain_poll()
            poller.register(self._reader, select.POLLIN)
            if fd is not None:
                poller.register(fd, select.POLLOUT if write else select.POLLIN)
            kept = poller, fd, write
        if timeout is not None:
            timeout = min(max(0.0, timeout), LONGEST) * 1000
        found = kept[0].poll(timeout)
        self._poll = kept
        if len(found) == 1:
            ready = found[0][0] == fd
            return ready, not ready
        return bool(found), bool(found)

    def fileno(self) -> int:
        """The descriptor that a poke makes readable."""
        return self._reader.fileno()

    @staticmethod
    def _wait_windows(
        fd: int | None, wake: int, write: bool, timeout: float | None
    ) -> tuple[bool, bool]:
        part = SLICE if timeout is None else min(SLICE, max(0.0, timeout))
        reading = [wake] if fd is None or write else [wake, fd]
        writing = [fd] if fd is not None and write else []
        readable, writable, failed = _plain_select(reading, writing, writing, part)
        return bool(set(readable) - {wake} or writable or failed), wake in readable


def is_ready(fd: int, write: bool) -> bool:
    """Whether the kernel would let a call on `fd` go on at once.

    Not so for a descriptor that another thread has closed: the wait on it goes on.
    """
    if fd < 0:
        return True
    if sys.platform == "win32":
        try:
            readable, writable, failed = _plain_select([fd], [fd] if write else [], [fd], 0)
        except (OSError, ValueError):
            return False
        return bool(failed or (writable if write else readable))
    poller = _plain_poll()
    poller.register(fd, select.POLLOUT if write else select.POLLIN)
    return any(what & ~select.POLLNVAL for _, what in poller.poll(0))


def is_broken(fd: int) -> bool:
    """Whether the kernel has learned that the connection of `fd` is over in both directions.

    Only Linux can tell: macOS has no poll() for it, and Windows none at all. There it is always so.
    """
    if fd < 0 or sys.platform != "linux":
        return True
    poller = _plain_poll()
    poller.register(fd, 0)  # what breaks a connection is told unasked
    return any(what & (select.POLLERR | select.POLLHUP) for _, what in poller.poll(0))


@dataclass(slots=True, eq=False)
class Wait:
    """What an actor waits for now."""

    call: Call | None
    """The recorded call; None while it waits for a live server to end, or in select()."""
    fd: int | None
    write: bool
    bounded: bool
    """It ends by itself: the socket has a timeout of its own."""
    server: ActorState | None = None
    """The live server whose end it waits for."""
    several: tuple[tuple[int, bool], ...] | None = None
    """The descriptors, each with `write`, of which it waits for any: it is in select()."""
    repeated: bool = False
    """It made the same wait before, its time was up, and it has done nothing else since."""

    @property
    def key(self) -> object:
        """The same for two waits in the same call on the same sockets."""
        return self.several if self.call is None else (self.call.name, self.call.info.number)

    @property
    def is_over(self) -> bool:
        """Whether what it waits for is there, as far as the kernel tells."""
        if self.several is not None:
            return any(is_ready(fd, write) for fd, write in self.several)
        return self.fd is not None and is_ready(self.fd, self.write)


class ActorState:
    """One thread that makes calls: its Lamport clock, its present call, its wait."""

    __slots__ = (
        "actor",
        "address",
        "addressed",
        "clock",
        "ident",
        "no_progress",
        "stop_clock",
        "stopping",
        "stops",
        "timed_out",
        "wait",
        "waker",
    )

    def __init__(self, actor: Actor, clock: int = 0) -> None:
        self.actor = actor
        self.clock = clock
        self.address: Any = None
        """Where it listens, or where its datagrams arrive."""
        self.addressed = 0
        """Lamport time since when that is so."""
        self.wait: Wait | None = None
        self.stopping = False
        self.stop_clock = 0
        self.stops = 0
        """How often `Stopped` was raised in it since it was asked to stop."""
        self.timed_out: object = None
        """`Wait.key` of the wait whose time was up, if it has done nothing since."""
        self.no_progress = 0
        """Its calls in a row that moved nothing."""
        self.waker: Waker | None = None
        self.ident: int | None = None
        """Its thread, once that runs."""

    def ready_to_wait(self) -> Waker:
        """The wake-up socket, made when it is first needed."""
        if self.waker is None:
            self.waker = Waker()
        return self.waker

    def poke(self) -> None:
        """Let its present wait look around."""
        waker = self.waker
        if waker is not None:
            waker.poke()

    def ask_to_stop(self, clock: int) -> None:
        """Let its present wait, or its next call that can wait, raise `Stopped`."""
        self.stop_clock = clock
        self.stops = 0
        self.stopping = True
        self.poke()

    def stop_if_asked(self) -> None:
        """Raise `Stopped` in its thread if `ask_to_stop` was called."""
        if self.stopping:
            self.stops += 1
            self.follow(self.stop_clock)
            raise Stopped("by stop()")

    def follow(self, clock: int) -> None:
        """What happens next here comes after what happened there at `clock`."""
        self.clock = max(self.clock, clock)

    def end(self) -> None:
        """Its thread is over."""
        if self.waker is not None:
            self.waker.close()
            self.waker = None


class ThreadEnd:
    """Kept in a thread's local storage: calls `tell` when that thread is over."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell

    def __del__(self) -> None:
        self._tell()
