"""How a call on a socket is noted, and how it waits.

Rules of this file:

- Each recorded method has three parts: `begin` notes the call, the plain method of `socket.socket`
  does the work, `done` or `failed` notes how it went.
- A call that has to wait does not wait in the kernel. It tries (`Attempts`), waits in a selector
  (`Waiting.wait`) and tries again, so that it can be seen, explained and ended. `wait_and_try` is
  the one loop for this. The first try comes before it, where it may succeed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from helpers.record.model import Call, SocketInfo
from helpers.record.record import record
from helpers.sockets.attempts import PLAIN, Attempts, of_this_system


class NotedSocket(PLAIN):
    """What the methods of a recorded socket have in common."""

    __slots__ = ("_info",)

    _info: SocketInfo | None
    """What the recorder knows of it. None: it is not recorded."""
    _attempts: ClassVar[Attempts] = of_this_system()
    """How one tries a call on this system (`install`)."""

    def _how_to_try(self, is_plain: object = False) -> tuple[Attempts | None, float | None]:
        """How to try a call that may wait, and until when (time.monotonic; None: without end).

        No attempts: the plain call is to be made. `is_plain` says that it must be; or the socket
        is non-blocking, so that the call does not wait.
        """
        if is_plain:
            return None, None
        timeout = self.gettimeout()
        if timeout is None:
            return self._attempts, None
        if timeout == 0:
            return None, None
        return self._attempts.with_timeout, time.monotonic() + timeout


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

    Raises TimeoutError when the deadline is over, and what `Waiting.wait` raises.
    """
    while True:
        fd = sock.fileno()  # -1: another thread has closed it, and the try will say so
        if fd >= 0 and not record.waiting.wait(call, fd, write, deadline):
            raise TimeoutError("timed out")
        try:
            return attempt(sock, *arguments)
        except BlockingIOError:
            pass  # waiting here would chain its error to this one


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
