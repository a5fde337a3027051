"""How a call on a socket is noted, and how it waits.

Rules of this file:

- Each recorded method has three parts: `begin` notes the call, the plain method of `socket.socket`
  does the work, `done` or `failed` notes how it went.
- Arguments that the plain method refuses are given to it: it says what is wrong, in its words.
- A call that has to wait does not wait in the kernel. It tries (`Attempts`), waits in a selector
  (`Waiting.wait`) and tries again, so that it can be seen, explained and ended. `wait_and_try` is
  the one loop for this. The first try comes before it, where it may succeed.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any, ClassVar

from helpers.record.clock import clock
from helpers.record.model import Call
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo
from helpers.record.wakeup import keep_open
from helpers.sockets.attempts import (
    PLAIN,
    Attempts,
    get_blocking,
    is_closed,
    limit_is_over,
    of_this_system,
    time_limit_of,
)
from helpers.sockets.letting_go import going, hold, is_going, wait_is_over, waits

# A learner's class may have methods of its own.
_fileno, _gettimeout, _close = PLAIN.fileno, PLAIN.gettimeout, os.close

_NO_SOCKET = (errno.EBADF, errno.ENOTSOCK)


class NotedSocket(PLAIN):
    """What the methods of a recorded socket have in common."""

    __slots__ = ("_info",)

    _info: SocketInfo | None
    """What the recorder knows of it. None: it is not recorded."""
    _attempts: ClassVar[Attempts] = of_this_system()
    """How one tries a call on this system (`install`)."""
    _timeout_set = PLAIN.gettimeout
    """What the program has set. (A learner's class may have a gettimeout() of its own.)"""

    def _how_to_try(self, is_plain: object = False) -> tuple[Attempts | None, float | None]:
        """How to try a call that may wait, and until when (`clock.now`; None: without end).

        No attempts: the plain call is to be made. `is_plain` says that it must be; or the socket
        is non-blocking, so that the call does not wait.
        """
        if is_plain:
            return None, None
        timeout = self._timeout_set()
        if timeout is None:
            return self._attempts, None
        if timeout == 0:
            return None, None
        return self._attempts.with_timeout, clock.now() + timeout


def wait_and_try(
    call: Call,
    sock: Any,
    write: bool,
    deadline: float | None,
    attempt: Callable[..., Any],
    *arguments: Any,
) -> Any:
    """Wait until the socket is ready, then try; again and again, until it need not wait.

    `attempt(sock, *arguments)` raises BlockingIOError where it would wait (`Attempts`).

    Without a deadline it is one system call, which has the open socket until its end, whatever
    becomes of the socket object and of the number (`attempts.py`).

    Raises TimeoutError when the deadline is over, BlockingIOError when the system's own limit is
    (`time_limit_of`), and what `Waiting.wait` raises.
    """
    # Longer than 40 lines: each wait comes here, and one more function takes it 0.2 µs.
    if deadline is not None:
        return _try_until(call, sock, write, deadline, attempt, *arguments)
    number = _fileno(sock)
    if number < 0:
        return attempt(sock, *arguments)  # another thread has closed it: the call says so
    holds = NotedSocket._attempts.holds
    if holds and call.name == "accept":
        _check_that_one_is_left(number)
    call.endpoint = call.info.endpoint  # who closes the socket meanwhile takes it from the socket
    try:
        if holds:
            call.held = held = list(call.held)  # what an earlier wait was handed is good for this
            waits[call] = sock  # first; then look (see `letting_go.py`)
            if going and is_going(sock, number):
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            if call.info.given_out and not held:
                hold(sock, held)
        if _fileno(sock) != number or (_gettimeout(sock) is None and not get_blocking(number)):
            return attempt(sock, *arguments)  # closed, or O_NONBLOCK set behind Python's back
        limit = None if attempt is nothing else time_limit_of(sock, write)
        until = None if limit is None else clock.now() + limit
        while True:
            is_there = bool(call.held) or _fileno(sock) >= 0
            if is_there and not record.waiting.wait(call, number, write, until):
                raise limit_is_over()
            try:
                if not call.held and _gettimeout(sock) is None:  # else Python would wait by itself
                    return attempt(sock, *arguments)
                return _on_its_own(call, sock, attempt, *arguments)
            except BlockingIOError:
                continue  # waiting here would chain its error to this one
            except OSError as error:
                if error.errno not in _NO_SOCKET or not call.held:
                    raise
    finally:
        wait_is_over(call)


def nothing(sock: Any) -> None:
    """The attempt of who only waits, and tries by himself. The system's limit means nothing to him:
    OpenSSL tries again when it is over."""


def _on_its_own(call: Call, sock: Any, attempt: Callable[..., Any], *arguments: Any) -> Any:
    """A try on the socket that the call was handed, or is given now."""
    if isinstance(call.held, list) and not call.held:
        hold(sock, call.held)
    return attempt(call.held[0] if call.held else sock, *arguments)


def _check_that_one_is_left(number: int) -> None:
    """accept() takes a descriptor before it waits (man 2 accept, EMFILE)."""
    made: list[int] = []
    try:
        keep_open(number, made, must=True)
    finally:
        for each in made:
            _close(each)


def _try_until(
    call: Call,
    sock: Any,
    write: bool,
    deadline: float,
    attempt: Callable[..., Any],
    *arguments: Any,
) -> Any:
    """The same with a deadline: as Python's poll() and the call behind it, by the number."""
    number, call.limit = _fileno(sock), _gettimeout(sock)
    while True:
        if number >= 0 and not record.waiting.wait(call, number, write, deadline):
            if is_closed(number):
                return attempt(sock, *arguments)
            raise TimeoutError("timed out")
        try:
            return attempt(sock, *arguments)
        except BlockingIOError:
            number = _fileno(sock)  # waiting here would chain its error to this one


class noting:
    """Notes how a call went: returned, or raised. Does nothing for a call not recorded.

    recv(), send() and sendall() write it out: they are called most, and it takes 0.3 µs.
    """

    __slots__ = ("_call",)

    def __init__(self, call: Call | None) -> None:
        self._call = call

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        call = self._call
        if call is None:
            return
        if error is None:
            record.done(call)
        else:
            record.failed(call, error)
