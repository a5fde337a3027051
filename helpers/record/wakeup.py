"""How a wait is made so that it can be ended: a pair of sockets beside the one that is waited for.

Rules of this file:

- Waiting means: a selector on two descriptors, the socket and the actor's own wake-up
  socket. The real call comes after it. So every wait can be ended from outside, on
  every system, and a signal handler can run.
- Wake-up sockets are never recorded (`not_recorded`).
- It knows no actor and no call.
"""

from __future__ import annotations

import _socket
import select
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SLICE = 0.25
"""Seconds after which a wait looks for Ctrl-C on Windows, where a signal ends no select().

A reader does not notice it, and four looks in a second cost nothing."""

LONGEST = 86_400.0
"""Seconds that one poll() waits at most: its own limit is a 32-bit count of milliseconds."""

_plain_select = select.select
_plain_poll: Any = getattr(select, "poll", None)
"""Windows has none."""

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
        if timeout is not None and not 0 <= timeout <= LONGEST:
            timeout = LONGEST if timeout > 0 else 0  # for poll() a negative one has no end
        found = kept[0].poll(timeout and timeout * 1000)
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
