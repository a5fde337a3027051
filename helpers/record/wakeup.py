"""How a wait is made so that it can be ended: a pair of sockets beside the one that is waited for.

Rules of this file:

- Waiting means: a selector on two descriptors, the socket and the actor's own wake-up
  descriptor. The real call comes after it. So every wait can be ended from outside, on
  every system, and a signal handler can run.
- Wake-up sockets are never recorded (`not_recorded`).
- The program's descriptors have the numbers that they have without the recorder: its own are at
  the end of what is allowed. Where none is left, a wait looks around every `SLICE` instead.
- It knows no actor and no call.
"""

from __future__ import annotations

import _socket
import errno
import os
import select
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

if sys.platform != "win32":
    import fcntl
    import resource

    _duplicate, _DUPLICATE = fcntl.fcntl, fcntl.F_DUPFD_CLOEXEC

SLICE = 0.25
"""Seconds after which a wait looks around by itself: where a signal ends no select() (on Windows,
or since another thread has got it), and where no descriptor is left to wake it by.

A reader does not notice it, and four looks in a second cost nothing."""

SELECT_MOST = 1024
"""Descriptors from this number on cannot be given to select() (FD_SETSIZE, man 2 select)."""

LONGEST = 86_400.0
"""Seconds that one poll() waits at most: its own limit is a 32-bit count of milliseconds."""

_plain_select, _close = select.select, os.close
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


_own_numbers = 2**31 - 1
"""The recorder's own descriptors have this number, or a higher one. So large: not asked yet."""


def keep_open(
    fd: int,
    held: list[Any],
    made_of: Callable[[Iterator[int]], Iterable[Any]] = iter,
    must: bool = False,
) -> None:
    """Put a second descriptor for the same open file into `held`, or what is `made_of` it.

    It has a number that programs do not come to. Where there is none, nothing is put there; with
    `must` any number is good, and none raises EMFILE.

    One C function makes it and puts it there. Ctrl-C may come between two of them, and a descriptor
    that nobody has would keep the connection open.
    """
    try:
        held.extend(made_of(map(_duplicate, (fd,), (_DUPLICATE,), (_own_numbers,))))
        return
    except OSError as error:
        code = error.errno
    if code == errno.EINVAL:  # nobody has asked yet, or the limit is lower now
        _ask_for_own_numbers()
        with suppress(OSError):
            held.extend(made_of(map(_duplicate, (fd,), (_DUPLICATE,), (_own_numbers,))))
            return
    if must:
        held.extend(made_of(map(os.dup, (fd,))))


def _ask_for_own_numbers() -> None:
    """The last quarter of what is allowed, and of what select() takes."""
    global _own_numbers
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY or allowed > SELECT_MOST:
        allowed = SELECT_MOST
    _own_numbers = max(1, allowed * 3 // 4)


class Waker:
    """Ends a wait from outside: an eventfd on Linux, elsewhere a pair of sockets.

    Without a descriptor (none was left) its waits look around every `SLICE`.
    """

    __slots__ = ("_own", "_poked", "_poll", "_reader", "_writer")

    def __init__(self) -> None:
        self._poll: tuple[Any, int | None, bool] | None = None
        """The poll object of the last wait, and what it watched: often the next one's too."""
        self._own: list[int] = []
        """The descriptor that is waited for, if there is one."""
        self._reader: _socket.socket | None = None
        self._writer: _socket.socket | None = None
        self._poked = False
        """A poke came, and there is no descriptor for it."""
        try:
            self._open()
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise

    def _open(self) -> None:
        if hasattr(os, "eventfd"):
            events: list[int] = []
            try:
                events.extend(map(os.eventfd, (0,), (os.EFD_NONBLOCK | os.EFD_CLOEXEC,)))
                keep_open(events[0], self._own)
            finally:
                for each in events:
                    _close(each)
            return
        with not_recorded():
            self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._own.append(self._reader.fileno())

    def poke(self) -> None:
        """End the present wait, or the next one."""
        self._poked = True
        try:
            if self._writer is not None:
                self._writer.send(b"!")
            elif self._own:
                os.eventfd_write(self._own[0], 1)
        except BlockingIOError:
            pass  # it is full of pokes already
        except (OSError, IndexError):
            pass  # the actor ended in between

    def drain(self) -> None:
        """Forget the pokes so far."""
        self._poked = False
        try:
            if self._reader is None and self._own:
                os.eventfd_read(self._own[0])
            while self._reader is not None and self._reader.recv(64):
                pass
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Give its descriptors back."""
        own, self._own = self._own, []
        if self._reader is not None and self._writer is not None:
            self._reader.close()
            self._writer.close()
            return
        for each in own:
            _close(each)

    def __del__(self) -> None:
        """Ctrl-C may come before anybody has it."""
        self.close()

    def wait(self, fd: int | None, write: bool, timeout: float | None) -> tuple[bool, bool]:
        """Wait until `fd` is ready, a poke came, or `timeout` seconds have passed.

        Returns (the descriptor is ready, a poke came). Both are False at the timeout, and
        every `SLICE` seconds on Windows, or without a descriptor of its own.
        """
        if not self._own:
            return self._wait_unwoken(fd, write, timeout)
        own = self._own[0]
        if sys.platform == "win32":
            return self._wait_windows(fd, own, write, timeout)
        # It is taken out meanwhile: a signal handler that waits as well makes its own.
        kept, self._poll = self._poll, None
        if kept is None or kept[1] != fd or kept[2] != write:
            poller = _plain_poll()
            poller.register(own, select.POLLIN)
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
        """The descriptor that a poke makes readable; -1 if there is none."""
        return self._own[0] if self._own else -1

    def _wait_unwoken(
        self, fd: int | None, write: bool, timeout: float | None
    ) -> tuple[bool, bool]:
        poller = _plain_poll()
        if fd is not None:
            poller.register(fd, select.POLLOUT if write else select.POLLIN)
        part = SLICE if timeout is None else min(SLICE, max(0.0, timeout))
        ready = bool(poller.poll(0 if self._poked else part * 1000))
        return ready, self._poked

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


def is_shut(fd: int) -> bool:
    """Whether nothing more will be received here: shutdown() was called. Only on Linux."""
    if fd < 0:
        return False
    poller = _plain_poll()
    poller.register(fd, select.POLLRDHUP)
    return any(what & select.POLLRDHUP for _, what in poller.poll(0))


def is_broken(fd: int) -> bool:
    """Whether the kernel has learned that the connection of `fd` is over in both directions.

    Only Linux can tell: macOS has no poll() for it, and Windows none at all. There it is always so.
    """
    if fd < 0 or sys.platform != "linux":
        return True
    poller = _plain_poll()
    poller.register(fd, 0)  # what breaks a connection is told unasked
    return any(what & (select.POLLERR | select.POLLHUP) for _, what in poller.poll(0))
