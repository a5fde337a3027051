"""One try of a call, now. Where the plain call would wait, it raises BlockingIOError.

Rules of this file:

- How the systems differ in this is known here, and nowhere else in `sockets`: a class for each.
- A try gives what the plain call gives, and raises what it raises.
- It is for blocking sockets and for those with a timeout. A non-blocking one never waits.

Theory of operation. MSG_DONTWAIT makes a single call non-blocking (man 2 recv). Where there is
none, a look whether the socket is ready comes first, and then the plain call. That one does wait
if another thread has taken the data in between. So MSG_DONTWAIT is used where there is one.

On Unix a system call that waits has the open socket itself. Another thread may close the
descriptor, and something else take its number: the call still ends with what comes to *its* socket.
The recorder waits outside the real call, so that it has to be given another descriptor then
(`holds`; see `letting_go.py`). A socket with a timeout is different: Python waits with poll(), and
then makes the call by the number. So does the recorder.

For a socket with a timeout the look comes first on every system. Python itself would wait before
it makes the system call, and nobody could end that (sock_call_ex() in CPython's socketmodule.c).
"""

from __future__ import annotations

import _socket
import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from helpers.record.wakeup import is_ready, is_shut
from helpers.sockets.arguments import piece_of, size_of

if sys.platform == "linux":
    import fcntl
    import termios

PLAIN = socket.socket
"""The class of the standard library, whatever is in its place now."""

AF_UNIX = getattr(socket, "AF_UNIX", None)
"""Windows has none."""

_DONTWAIT = int(getattr(socket, "MSG_DONTWAIT", 0))  # plain numbers: enum arithmetic is slow

NEVER_WAITS = _DONTWAIT | int(socket.MSG_OOB) | int(getattr(socket, "MSG_ERRQUEUE", 0))
"""With one of these flags the kernel never waits, so the plain call is made as it is."""

CHUNK = 65536
"""Bytes that a blocking send() is given at a time on Windows. It waits until all of them have room,
also where the socket was ready."""

_RECEIVING_LIMIT, _SENDING_LIMIT = int(socket.SO_RCVTIMEO), int(socket.SO_SNDTIMEO)
_WSAETIMEDOUT = 10060

_accepting = threading.Lock()
"""Held from "a client is there" to accept(), so that two threads do not race for one client."""


# The methods of `_socket`: what a wait is given is no more than that (`holds`), and a learner's
# class may have methods of its own. The numbers are plain: the properties of `socket` make enums.
_fileno, _gettimeout = _socket.socket.fileno, _socket.socket.gettimeout
_settimeout, _connect = _socket.socket.settimeout, _socket.socket.connect
_sendmsg: Any = getattr(_socket.socket, "sendmsg", None)
"""Windows has none."""
family_of, type_of = _socket.socket.family.__get__, _socket.socket.type.__get__
proto_of = _socket.socket.proto.__get__
get_blocking = os.get_blocking if os.name == "posix" else lambda fd: True
"""Whether a plain call without a timeout waits in the system. Windows does not tell."""

_T = TypeVar("_T")


class Attempts:
    """Tries that look first whether the socket is ready. Every system can do that."""

    holds = False
    """Whether a system call that waits has the open socket, whatever becomes of the descriptor."""

    @property
    def with_timeout(self) -> Attempts:
        """The tries for a socket that has a timeout."""
        return self

    def receive_now(
        self, sock: socket.socket, plain: Any, arguments: tuple[Any, ...], flags: int
    ) -> Any:
        """Make a reading call: `plain(sock, *arguments, flags)`."""
        return self.when_ready(sock, False, plain, *arguments, flags)

    def send_now(self, sock: socket.socket, data: Any, flags: int) -> int:
        """Send as much as there is room for. Returns the number of bytes: 1 at least."""
        return int(self.when_ready(sock, True, PLAIN.send, data, flags))

    def send_message_now(self, sock: Any, data: Any, ancillary: Any, flags: int) -> int:
        """Send as much as there is room for, and with it the ancillary data (sendmsg)."""
        return int(self.when_ready(sock, True, _sendmsg, [data], ancillary, flags))

    def when_ready(self, sock: socket.socket, write: bool, plain: Any, *arguments: Any) -> Any:
        """Make any other call: `plain(sock, *arguments)`."""
        if not is_ready(_fileno(sock), write) and not self._raises_at_once(sock):
            raise _would_block()
        return plain(sock, *arguments)

    def accept_now(self, sock: Any) -> tuple[int, Any]:
        """Accept a client. Returns its descriptor and its address, as `_socket` gives them."""
        with _accepting:
            if not is_ready(_fileno(sock), False) and not _is_gone(sock):
                raise _would_block()
            fd, address = sock._accept()
            return fd, address

    def connect_now(self, sock: socket.socket, address: Any) -> None:
        """Begin to connect. BlockingIOError: it is under way, `connected_now` tells its end."""
        timeout = _gettimeout(sock)
        _settimeout(sock, 0.0)
        try:
            _connect(sock, address)
        finally:
            _settimeout(sock, timeout)

    def connected_now(self, sock: socket.socket, address: Any) -> None:
        """Come to the end of a connect that was under way. Raises what it failed with."""
        if not is_ready(_fileno(sock), True) and not _is_gone(sock):
            raise _would_block()
        code = _socket.socket.getsockopt(sock, socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _system_error(code)

    def _raises_at_once(self, sock: socket.socket) -> bool:
        """Whether the plain call raises though the socket is not ready."""
        return _is_gone(sock)


class OnWindows(Attempts):
    """There is no MSG_DONTWAIT."""

    def send_now(self, sock: socket.socket, data: Any, flags: int) -> int:
        if size_of(data) <= CHUNK:
            return super().send_now(sock, data, flags)
        with piece_of(data, 0, CHUNK) as piece:
            return super().send_now(sock, piece, flags)

    def _raises_at_once(self, sock: socket.socket) -> bool:
        """Without a peer a stream is never ready there, nor is a datagram socket not bound yet."""
        if sock.type != socket.SOCK_STREAM:
            return _is_gone(sock)
        try:
            PLAIN.getpeername(sock)
        except OSError:
            return True
        return False


class OnUnix(Attempts):
    """With MSG_DONTWAIT, on every system that has it."""

    holds = True

    with_timeout = Attempts()

    def receive_now(
        self, sock: socket.socket, plain: Any, arguments: tuple[Any, ...], flags: int
    ) -> Any:
        return plain(sock, *arguments, flags | _DONTWAIT)

    def send_now(self, sock: socket.socket, data: Any, flags: int) -> int:
        return PLAIN.send(sock, data, flags | _DONTWAIT)


class OnLinux(OnUnix):
    """The same, but for the end of a connect, and for datagrams after shutdown()."""

    def send_message_now(self, sock: Any, data: Any, ancillary: Any, flags: int) -> int:
        return int(_sendmsg(sock, [data], ancillary, flags | _DONTWAIT))

    def receive_now(
        self, sock: socket.socket, plain: Any, arguments: tuple[Any, ...], flags: int
    ) -> Any:
        try:
            return plain(sock, *arguments, flags | _DONTWAIT)
        except BlockingIOError:
            if type_of(sock) == socket.SOCK_STREAM or not is_shut(_fileno(sock)):
                raise
        # It looks at that only where it may wait (net/core/datagram.c, __skb_recv_datagram).
        return plain(sock, *arguments, flags)

    def connected_now(self, sock: socket.socket, address: Any) -> None:
        """Linux takes a connect for finished only when connect() has told how it ended."""
        self.connect_now(sock, address)


class OnMacOS(OnUnix):
    """The same, but for send(): it looks at O_NONBLOCK alone.

    Source: xnu, bsd/kern/uipc_socket.c, sosendcheck.

    And a close ends the calls of other threads (fileproc_drain, bsd/kern/kern_descrip.c). So no
    wait has a descriptor of its own: it finds the socket closed. (By reasoning, not measured.)
    """

    holds = False

    def send_now(self, sock: socket.socket, data: Any, flags: int) -> int:
        fd = _fileno(sock)
        before = os.get_blocking(fd)
        os.set_blocking(fd, False)  # for this call only; Python's own timeout stays as it is
        try:
            return PLAIN.send(sock, data, flags)
        finally:
            with suppress(OSError):
                os.set_blocking(fd, before)


def of_this_system() -> Attempts:
    """The tries of the system that runs this program."""
    if not _DONTWAIT:
        return OnWindows()
    return {"darwin": OnMacOS, "linux": OnLinux}.get(sys.platform, OnUnix)()


def bound(plain: Callable[..., _T], sock: Any) -> Callable[..., _T]:
    """The plain method of this socket, as the plain class gives it: errors have the same names."""
    method: Callable[..., _T] = plain.__get__(sock)
    return method


def address_of(sock: Any) -> Any:
    """Its own address; None if there is none, or another thread has closed it by now.

    After the real call nothing may raise.
    """
    try:
        return _socket.socket.getsockname(sock)
    except OSError:
        return None


def resets_at_close(sock: Any) -> bool:
    """Whether close() resets the connection: SO_LINGER is on with zero seconds (man 7 socket).

    The system is asked: the option belongs to the open file, and who accepts inherits it.
    """
    try:
        told = _socket.socket.getsockopt(sock, socket.SOL_SOCKET, socket.SO_LINGER, 8)
    except OSError:
        return False  # another thread has closed it by now
    half = len(told) // 2  # two numbers of the same size
    return any(told[:half]) and not any(told[half:])


def time_limit_of(sock: Any, write: bool) -> float | None:
    """Seconds that the system lets one call wait: SO_RCVTIMEO, SO_SNDTIMEO (man 7 socket).

    None: as long as it takes. The option belongs to the open file. Who accepts inherits it, and any
    copy can set it: so the system is asked.
    """
    option = _SENDING_LIMIT if write else _RECEIVING_LIMIT
    try:
        told = _socket.socket.getsockopt(sock, socket.SOL_SOCKET, option, 16)
    except OSError:
        return None  # another thread has closed it by now
    if not any(told):
        return None
    if sys.platform == "win32":
        return int.from_bytes(told, sys.byteorder) / 1000
    half = len(told) // 2  # seconds, and millionths of them
    whole, millionths = (int.from_bytes(each, sys.byteorder) for each in (told[:half], told[half:]))
    return whole + millionths / 1e6


def limit_is_over() -> OSError:
    """What a plain call raises that has waited so long."""
    return _system_error(_WSAETIMEDOUT) if sys.platform == "win32" else _would_block()


def file_of(fd: int) -> tuple[int, int] | None:
    """Which open file has this number: the same for each of its numbers. None: nobody tells."""
    if os.name != "posix":
        return None
    try:
        found = os.fstat(fd)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def unread_in(fd: int) -> int | None:
    """How many bytes of a stream can be read now; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        left = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
    except OSError:
        return None
    return int.from_bytes(left, sys.byteorder)


def is_under_way_error(error: BaseException) -> bool:
    """Whether a connect() that raised this goes on. EAGAIN of a Unix socket means: no room."""
    if not isinstance(error, BlockingIOError):
        return False
    return sys.platform == "win32" or error.errno in (errno.EINPROGRESS, errno.EALREADY)


def is_closed(fd: int) -> bool:
    """Whether the system has nothing under this number (any more). Windows does not tell."""
    try:
        get_blocking(fd)
    except OSError:
        return True
    return False


def _would_block() -> BlockingIOError:
    """What a plain call raises that would have to wait."""
    return BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _is_gone(sock: _socket.socket) -> bool:
    """Whether the system knows nothing of the socket (any more), so that each call on it raises.

    Windows: nor of one that has no address yet.
    """
    try:
        _socket.socket.getsockname(sock)
    except OSError:
        return True
    return False


def _system_error(code: int) -> OSError:
    """The error of that number, as a plain call raises it."""
    if sys.platform == "win32":
        import ctypes

        return OSError(0, ctypes.FormatError(code), None, code)
    return OSError(code, os.strerror(code))
