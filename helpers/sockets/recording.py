"""Sockets that note their calls.

Rules of this file:

- A recorded socket does what a plain one does: same results, same errors, same blocking.
  CPython's own `test.test_socket` is the judge (`tests/sockets`). Only a loop that calls
  in vain, over and over, is slowed down (`Record.moved_nothing`).
- Each method has three parts: `begin` notes the call, the plain method of `socket.socket`
  does the work, `done` or `failed` notes how it went. Nothing else happens here.
- A blocking call does not block in the kernel. It tries without waiting, or waits in a
  selector first (`Record.wait`), so that it can be seen, explained and ended. That cannot be
  done for a connect() to a Unix socket whose queue is full, for ancillary data, and for
  MSG_WAITALL in any other method than recv() and recv_into(): there the plain call is made.

Theory of operation. `install` puts `RecordingSocket` in place of `socket.socket`. The
module `socket` looks its own class up by that name, so `create_server`,
`create_connection`, `socketpair` and `accept` make recording sockets too. Sockets that
exist already, and those of Jupyter's own machinery, are left alone.
"""

from __future__ import annotations

import _socket
import errno
import os
import re
import socket
import sys
import threading
import time
from abc import ABCMeta
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

from helpers.record.actors import IGNORED_PACKAGES
from helpers.record.events import Actor, Event
from helpers.record.model import ActorState, Call, Deadlock, SocketInfo
from helpers.record.record import record
from helpers.record.wakeup import is_not_recorded, is_ready, not_recorded
from helpers.record.wire import PendingConnect
from helpers.sockets import selecting, untracked
from helpers.sockets.arguments import (
    as_written,
    asked_of,
    brief,
    family_arguments,
    head,
    option_arguments,
    room_in,
    shutdown_arguments,
    size_of,
)
from helpers.variables import calling_frame

_PLAIN = socket.socket
_plain_socketpair = socket.socketpair
_DONTWAIT = int(getattr(socket, "MSG_DONTWAIT", 0))  # plain numbers: enum arithmetic is slow
_WAITALL = int(getattr(socket, "MSG_WAITALL", 0))
_PEEK = int(socket.MSG_PEEK)
_PLAIN_FLAGS = _DONTWAIT | int(socket.MSG_OOB) | int(getattr(socket, "MSG_ERRQUEUE", 0))
"""With one of these flags the kernel never waits, so the plain call is made as it is."""

_PLAIN_SEND: Any = _PLAIN.send


def _send_on_macos(sock: socket.socket, data: Any, flags: int) -> int:
    """send() that takes notice of MSG_DONTWAIT.

    macOS looks at O_NONBLOCK alone there (xnu, bsd/kern/uipc_socket.c, sosendcheck). It is set on
    the descriptor for the moment of the call, and Python's own timeout stays as it is.
    """
    if not flags & _DONTWAIT or sock.gettimeout() is not None:
        return int(_PLAIN_SEND(sock, data, flags))
    fd = sock.fileno()
    os.set_blocking(fd, False)
    try:
        return int(_PLAIN_SEND(sock, data, flags & ~_DONTWAIT))
    finally:
        with suppress(OSError):
            os.set_blocking(fd, True)


_send = _send_on_macos if sys.platform == "darwin" else _PLAIN_SEND

_KERNEL_TIMEOUTS = {
    getattr(socket, name) for name in ("SO_RCVTIMEO", "SO_SNDTIMEO") if hasattr(socket, name)
}
_AF_UNIX = getattr(socket, "AF_UNIX", None)

_NOTHING_BUT_DATA: tuple[tuple[Any, ...], ...] = (
    (),
    ([],),
    ((),),
    ([], 0),
    ((), 0),
    ([], 0, None),
    ((), 0, None),
)
"""What sendmsg() may be given besides its data, so that it does what send() does."""
_MOST_BUFFERS = os.sysconf("SC_IOV_MAX") if hasattr(os, "sysconf") else 0

_CHUNK = 65536
"""How much is sent at a time where the system has no MSG_DONTWAIT (Windows)."""


class _SocketType(ABCMeta):
    """Lets `isinstance(sock, socket.socket)` hold for sockets made before `install`.

    It is an ABCMeta, so that a class can derive from a socket and from an abstract class.
    """

    def __instancecheck__(cls, instance: object) -> bool:
        if cls is RecordingSocket:
            return isinstance(instance, _PLAIN)
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is RecordingSocket:
            return issubclass(subclass, _PLAIN)
        return super().__subclasscheck__(subclass)


def _is_recorded() -> bool:
    """Whether a socket that is made now is the learner's."""
    if not record.enabled or is_not_recorded() or record.actors.acts_ignored():
        return False
    frame = calling_frame()
    if frame is None:
        return False
    module = str(frame.f_globals.get("__name__"))
    if module.partition(".")[0] in IGNORED_PACKAGES:
        return False
    return not (module.startswith("asyncio.") and frame.f_code.co_name == "_make_self_pipe")


def _system_error(code: int) -> OSError:
    """The error of a connect that failed after it had begun."""
    if sys.platform == "win32":
        import ctypes

        return OSError(0, ctypes.FormatError(code), None, code)
    return OSError(code, os.strerror(code))


class RecordingSocket(_PLAIN, metaclass=_SocketType):
    __slots__ = ("_info",)

    def __init__(
        self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None
    ) -> None:
        self._info: SocketInfo | None = None
        if not _is_recorded():
            super().__init__(family, type, proto, fileno)
        elif fileno is not None:
            super().__init__(family, type, proto, fileno)
            self._adopt()
        else:
            info = SocketInfo(0, stream=True)
            call = record.begin(self, info, "socket", family_arguments(family, type, proto))
            with _noting(call):
                super().__init__(family, type, proto)
            info.stream = self.type == socket.SOCK_STREAM
            info.born = call.clock if call else 0
            record.tracker.attach(self, info)

    def _adopt(self) -> None:
        """Find out about a descriptor that was made elsewhere."""
        info = record.tracker.attach(self, SocketInfo(0, stream=self.type == socket.SOCK_STREAM))
        with suppress(OSError):
            info.local = self.getsockname()
            info.peer = self.getpeername()
        record.tracker.adopted(info, self._listens())

    @classmethod
    def _made(cls, like: socket.socket, fd: int) -> RecordingSocket:
        """A socket for a descriptor that a recorded call has just made."""
        made = cls.__new__(cls)
        made._info = None
        _PLAIN.__init__(made, like.family, like.type, like.proto, fd)
        return made

    def __del__(self) -> None:
        info = getattr(self, "_info", None)
        if info is not None and self.fileno() != -1:
            record.collected(info)
        super().__del__()  # type: ignore[misc]

    # The address

    def bind(self, address: Any, /) -> None:
        call = record.begin(self, self._info, "bind", (brief(address),))
        with _noting(call):
            super().bind(address)
            if call is not None:
                record.tracker.has_address(call, self.getsockname())

    def listen(self, *backlog: int) -> None:
        call = record.begin(self, self._info, "listen", backlog)
        with _noting(call):
            if call is not None and record.loopback_only and not _is_on_loopback(self):
                raise PermissionError(errno.EACCES, "other computers could reach this listener")
            super().listen(*backlog)
            if call is not None:
                record.tracker.listening(call, self.getsockname())

    # The connection

    def connect(self, address: Any, /) -> None:
        call = record.begin(self, self._info, "connect", (brief(address),), can_wait=True)
        if call is None:
            return super().connect(address)
        with _noting(call):
            self._connect(call, address)

    def connect_ex(self, address: Any, /) -> int:
        call = record.begin(self, self._info, "connect_ex", (brief(address),), can_wait=True)
        if call is None:
            return super().connect_ex(address)
        with _noting(call):
            try:
                self._connect(call, address)
                call.result = 0
            except (socket.gaierror, Deadlock):
                raise
            except OSError as error:
                timed_out = isinstance(error, TimeoutError) and error.errno is None
                if error.errno is None and not timed_out:
                    raise  # not from the system: a path that is too long
                call.result = errno.EWOULDBLOCK if timed_out else error.errno
            return int(call.result)

    def _connect(self, call: Call, address: Any) -> None:
        timeout = self.gettimeout()
        waits = timeout != 0 and call.info.stream and self.family != _AF_UNIX
        target = _numeric(address, self.family)
        before = call.info.endpoint
        pending = None
        in_progress = None
        try:
            if call.info.stream:
                with record.lock():
                    pending = record.tracker.connecting(call, target)
                    if pending is not None and isinstance(target, tuple):
                        # Nothing here waits: the host is looked up already, and the path of a
                        # Unix socket, whose connect() may wait for room in the queue, is no tuple.
                        where = (target[0], *address[1:])
                        in_progress = self._hand_over(call, pending, where, target, timeout)
            if in_progress is None:
                in_progress = self._hand_over(call, pending, address, target, timeout)
            if not in_progress:
                return
            if not waits:
                raise BlockingIOError(errno.EINPROGRESS, os.strerror(errno.EINPROGRESS))
            deadline = None if timeout is None else time.monotonic() + timeout
            if not record.waiting.wait(call, self.fileno(), True, deadline):
                raise TimeoutError("timed out")
            if timeout is None and sys.platform == "linux":
                # Linux takes a connect for finished only when it has told how it ended.
                return self._connect_now(address, timeout, waits)
            code = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise _system_error(code)
        except BlockingIOError:
            raise
        except BaseException:
            record.tracker.not_connected(call, pending, before)
            raise

    def _hand_over(
        self,
        call: Call,
        pending: PendingConnect | None,
        address: Any,
        target: Any,
        timeout: float | None,
    ) -> bool:
        """Let the kernel begin with the connection. Whether it needs more time for it."""
        waits = timeout != 0 and call.info.stream and self.family != _AF_UNIX
        in_progress = False
        try:
            self._connect_now(address, timeout, waits)
        except BlockingIOError:
            in_progress = True
        if call.info.stream:
            record.tracker.handed_over(call, pending, self.getsockname(), target)
        else:
            record.tracker.has_address(call, self.getsockname())
            call.info.peer = target
        return in_progress

    def _connect_now(self, address: Any, timeout: float | None, waits: bool) -> None:
        """Connect without waiting, also where the socket would wait."""
        if waits:
            super().settimeout(0.0)
        try:
            super().connect(address)
        finally:
            if waits:
                super().settimeout(timeout)

    def accept(self) -> tuple[socket.socket, Any]:
        call = record.begin(self, self._info, "accept", (), can_wait=True)
        if call is None:
            return super().accept()
        with _noting(call):
            record.tracker.serves(call.state, call.info)
            fd, address = self._accept_when_ready(call)
            conn = RecordingSocket._made(self, fd)
            if socket.getdefaulttimeout() is None and self.gettimeout():
                _PLAIN.setblocking(conn, True)
            info = record.tracker.attach(conn, SocketInfo(0, call.info.stream))
            record.tracker.accepted(call, info, conn.getsockname(), address)
            call.result = address
            return conn, address

    def _accept_when_ready(self, call: Call) -> tuple[int, Any]:
        timeout = self.gettimeout()
        if timeout == 0 or self.fileno() < 0 or not self._listens():
            return self._accept()  # type: ignore[attr-defined, no-any-return]
        deadline = None if timeout is None else time.monotonic() + timeout
        # A system call under way keeps its socket open when another thread closes the
        # descriptor (close(2)); so does this one, with a descriptor of its own.
        held: Any = self._second_descriptor() if os.name == "posix" else self
        try:
            while True:
                if not record.waiting.wait(call, held.fileno(), False, deadline):
                    raise TimeoutError("timed out")
                with _accepting:
                    if is_ready(held.fileno(), False):
                        fd, address = held._accept()
                        return fd, address
        finally:
            if held is not self:
                held.close()

    def _second_descriptor(self) -> Any:
        try:
            held = _socket.socket(fileno=os.dup(self.fileno()))
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            return self  # accept() will say so when a client comes
        if socket.getdefaulttimeout() is not None:
            held.settimeout(self.gettimeout())  # or both would be non-blocking from now on
        return held

    def _listens(self) -> bool:
        if self._info is not None and self._info.listener is not None:
            return True
        try:
            return bool(self.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        except (OSError, AttributeError):
            return False

    # Reading

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        size = bufsize if type(bufsize) is int else brief(bufsize)
        shown = (size, flags) if flags else (size,)
        call = record.begin(self, self._info, "recv", shown, can_wait=True)
        if call is None:
            return super().recv(bufsize, flags)
        try:
            waits = isinstance(bufsize, int) and bufsize > 0  # for 0 no plain call waits
            data: bytes
            if waits and flags & _WAITALL and self._waits_for_all(call, flags):
                data = self._recv_all(call, bufsize, flags & ~_WAITALL)
            else:
                data = self._read(call, _PLAIN.recv, (bufsize,), flags, waits)
                self._got(call, data, len(data), flags, bufsize)
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)
        return data

    def _waits_for_all(self, call: Call, flags: int) -> bool:
        """Whether MSG_WAITALL counts: not where the socket, or the call, does not wait."""
        if not call.info.stream or flags & (_PEEK | _PLAIN_FLAGS) or call.info.kernel_timeout:
            return False
        return self.gettimeout() is None

    def _recv_all(self, call: Call, bufsize: int, flags: int) -> bytes:
        room = memoryview(bytearray(bufsize))
        return bytes(room[: self._recv_all_into(call, room, flags)])

    def _recv_all_into(self, call: Call, room: memoryview, flags: int) -> int:
        """Fill it; or a part, if the wait for the rest is broken off, as the system does."""
        count = 0
        try:
            while count < len(room):
                with room[count:] as rest:
                    size: int = self._read(call, _PLAIN.recv_into, (rest, 0), flags, True)
                    self._got(call, rest, size, flags, len(rest))
                count += size
                if not size:
                    break
        except OSError:
            if not count:
                raise
        return count

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        call = record.begin(
            self, self._info, "recv_into", as_written(brief(buffer), nbytes, flags), can_wait=True
        )
        if call is None:
            return super().recv_into(buffer, nbytes, flags)
        with _noting(call):
            asked = room_in(buffer, nbytes)
            if asked > 0 and flags & _WAITALL and self._waits_for_all(call, flags):
                with memoryview(buffer) as view, view.cast("B") as whole, whole[:asked] as room:
                    count = self._recv_all_into(call, room, flags & ~_WAITALL)
            else:
                count = self._read(call, _PLAIN.recv_into, (buffer, nbytes), flags, asked > 0)
                self._got(call, buffer, count, flags, asked)
            call.result = count
            return count

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, Any]:
        call = record.begin(self, self._info, "recvfrom", as_written(bufsize, flags), can_wait=True)
        if call is None:
            return super().recvfrom(bufsize, flags)
        with _noting(call):
            record.tracker.serves(call.state, call.info)
            valid = isinstance(bufsize, int) and bufsize >= 0
            data, address = self._read(call, _PLAIN.recvfrom, (bufsize,), flags, valid)
            self._got(call, data, len(data), flags, bufsize)
            call.peer = call.result = address
            return data, address

    def recvfrom_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> tuple[int, Any]:
        call = record.begin(
            self,
            self._info,
            "recvfrom_into",
            as_written(brief(buffer), nbytes, flags),
            can_wait=True,
        )
        if call is None:
            return super().recvfrom_into(buffer, nbytes, flags)
        with _noting(call):
            record.tracker.serves(call.state, call.info)
            asked = room_in(buffer, nbytes)
            count, address = self._read(
                call, _PLAIN.recvfrom_into, (buffer, nbytes), flags, asked >= 0
            )
            self._got(call, buffer, count, flags, asked)
            call.result = (count, address)
            return count, address

    def _read(
        self, call: Call, plain: Any, arguments: tuple[Any, ...], flags: int, valid: bool
    ) -> Any:
        """Make a reading call as soon as it need not wait.

        With arguments that are not `valid` the plain call raises at once, and does not wait.
        """
        timeout = self.gettimeout()
        fd = self.fileno()
        info = call.info
        if not valid or timeout == 0 or flags & _PLAIN_FLAGS or info.kernel_timeout or fd < 0:
            return plain(self, *arguments, flags)
        if timeout is not None:
            if not record.waiting.wait(call, fd, False, time.monotonic() + timeout):
                raise TimeoutError("timed out")
            return plain(self, *arguments, flags)
        endpoint = info.endpoint
        if not _DONTWAIT:
            if endpoint is not None or info.datagram_queue is not None:
                record.waiting.wait(call, fd, False, None)
            return plain(self, *arguments, flags)
        if endpoint is not None and endpoint.expects_nothing:
            record.waiting.wait(call, fd, False, None)
        if flags & _WAITALL and info.stream:  # what recv() and recv_into() do in pieces
            record.waiting.wait(call, fd, False, None)
            return plain(self, *arguments, flags)
        flags |= _DONTWAIT
        while True:
            try:
                return plain(self, *arguments, flags)
            except BlockingIOError:
                pass  # waiting here would chain its error to this one
            record.waiting.wait(call, fd, False, None)

    def _got(self, call: Call, data: Any, size: int, flags: int, asked: int) -> None:
        if flags & _PEEK:
            call.data, call.size = head(data, size), size
        elif call.info.stream:
            record.tracker.received(call, head(data, size), size, asked)
        else:
            record.tracker.fetched(call, head(data, size), size, asked)

    # Writing

    def send(self, data: Any, flags: int = 0, /) -> int:
        call = record.begin(self, self._info, "send", (flags,) if flags else (), can_wait=True)
        if call is None:
            return super().send(data, flags)
        try:
            if not call.info.stream:
                count = self._post(call, _PLAIN.send, data, call.info.peer, flags)
            else:
                count = self._write(call, data, flags, everything=False)
            call.result = count
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)
        return count

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        call = record.begin(self, self._info, "sendall", (flags,) if flags else (), can_wait=True)
        if call is None:
            return super().sendall(data, flags)
        try:
            if not call.info.stream:
                self._post(call, _PLAIN.send, data, call.info.peer, flags)
            else:
                self._write(call, data, flags, everything=True)
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)

    def sendto(self, data: Any, *where: Any) -> int:
        info = self._info
        if info is not None and info.stream:
            record.tracker.untrack(info)
        if info is None or info.stream or len(where) not in (1, 2):
            return super().sendto(data, *where)
        address = where[-1]
        call = record.begin(self, info, "sendto", (brief(address),), can_wait=True)
        if call is None:
            return super().sendto(data, *where)
        with _noting(call):
            target = _numeric(address, self.family)
            call.result = self._post(call, _PLAIN.sendto, data, target, *where)
            return int(call.result)

    def _write(self, call: Call, data: Any, flags: int, everything: bool) -> int:
        """Send on a stream, waiting for room in the system's buffer where that is due.

        A plain blocking send() returns when the system has all the data; so does this one.
        """
        size = size_of(data)
        timeout = self.gettimeout()
        plain_only = flags & _PLAIN_FLAGS or call.info.kernel_timeout or self.fileno() < 0
        if not _DONTWAIT and not plain_only:
            plain_only = not self._has_peer()  # it will never be ready: the plain call says so
        takes_all = timeout is None and not plain_only
        segment = record.tracker.sending(call, head(data, size), size)
        sent = 0
        full = False
        rest = data
        try:
            if takes_all and _DONTWAIT:
                flags |= _DONTWAIT
                try:
                    sent = _send(self, data, flags)
                    if sent >= size:  # as most often
                        return sent
                except BlockingIOError:
                    full = True  # waiting here would chain its error to this one
            waited = False
            rest = memoryview(data).cast("B")[sent:] if sent else data
            deadline = None if timeout is None else time.monotonic() + timeout
            wait_first = timeout != 0 and not plain_only and (timeout is not None or not _DONTWAIT)
            short = record.short_sends and not everything
            while True:
                if wait_first:
                    if not record.waiting.wait(call, self.fileno(), True, deadline):
                        raise TimeoutError("timed out")
                    rest = rest if _DONTWAIT else memoryview(rest).cast("B")[:_CHUNK]
                try:
                    if not full:
                        sent += _send(self, rest, flags)
                except BlockingIOError:
                    if timeout is not None or plain_only:
                        raise
                    full = True
                except OSError:
                    if sent and not everything:
                        return sent
                    raise
                if full:
                    full = False
                    if short and sent:
                        return sent
                    record.waiting.wait(call, self.fileno(), True, None)
                    if short:
                        rest = memoryview(data).cast("B")[: (size + 1) // 2]
                        waited = True
                        continue
                if sent >= size or waited or not (everything or takes_all):
                    return sent
                rest = memoryview(data).cast("B")[sent:]
        finally:
            if rest is not data:
                rest.release()  # an error keeps this frame, and with it the learner's buffer
            if sent != size:
                record.tracker.sent_less(call, segment, sent)

    def _has_peer(self) -> bool:
        try:
            self.getpeername()
        except OSError:
            return False
        return True

    def _post(self, call: Call, plain: Any, data: Any, address: Any, *rest: Any) -> int:
        """Send a datagram."""
        size = size_of(data)
        timeout = self.gettimeout()
        take_back = record.tracker.posting(call, address, head(data, size) if size else b"", size)
        try:
            if timeout != 0 and self.fileno() >= 0 and not is_ready(self.fileno(), True):
                deadline = None if timeout is None else time.monotonic() + timeout
                if not record.waiting.wait(call, self.fileno(), True, deadline):
                    raise TimeoutError("timed out")
            count: int = plain(self, data, *rest)
        except BaseException:
            take_back()
            raise
        if call.info.datagram_queue is None:
            record.tracker.has_address(call, self.getsockname())
        return count

    if hasattr(_PLAIN, "sendmsg"):

        def sendmsg(self, buffers: Any, *rest: Any) -> int:
            info = self._info
            call = record.begin(self, info, "sendmsg", (), can_wait=True)
            with _noting(call):
                if call is not None and call.info.stream and rest in _NOTHING_BUT_DATA:
                    try:
                        buffers = list(buffers)
                        data = b"".join(buffers)
                    except TypeError:
                        pass  # the plain call says what is wrong with them
                    else:
                        if len(buffers) <= _MOST_BUFFERS:
                            call.result = self._write(call, data, 0, everything=False)
                            return int(call.result)
                if info is not None:
                    record.tracker.untrack(info)
                with suppress(TypeError, ValueError):  # the plain call says what is wrong
                    untracked.note_descriptors(untracked.descriptors_in(*rest[:1]))
                return super().sendmsg(buffers, *rest)

        def recvmsg(self, bufsize: int, ancbufsize: int = 0, flags: int = 0, /) -> Any:
            return self._read_message("recvmsg", _PLAIN.recvmsg, bufsize, ancbufsize, flags)

        def recvmsg_into(self, buffers: Any, ancbufsize: int = 0, flags: int = 0, /) -> Any:
            with suppress(TypeError):  # the plain call says what is wrong
                buffers = list(buffers)
            return self._read_message(
                "recvmsg_into", _PLAIN.recvmsg_into, buffers, ancbufsize, flags
            )

        def _read_message(
            self, name: str, plain: Any, target: Any, ancbufsize: int, flags: int
        ) -> Any:
            call = record.begin(self, self._info, name, (brief(target),), can_wait=True)
            if call is None:
                return plain(self, target, ancbufsize, flags)
            with _noting(call):
                asked = asked_of(target)
                got = self._read(call, plain, (target, ancbufsize), flags, True)
                data = got[0] if isinstance(got[0], bytes) else b""
                size = len(data) if isinstance(got[0], bytes) else got[0]
                self._got(call, data, size, flags, asked)
                return got

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file through `send`, so that what crosses is seen (not by os.sendfile)."""
        if self._info is None or not record.enabled:
            return super().sendfile(file, offset, count)
        return self._sendfile_use_send(file, offset, count)  # type: ignore[attr-defined, no-any-return]

    # Options

    def setsockopt(self, *arguments: Any) -> None:
        info = self._info
        with _noting(record.begin(self, info, "setsockopt", option_arguments(arguments))):
            super().setsockopt(*arguments)
        if info is None or arguments[0] != socket.SOL_SOCKET:
            return
        option, value = arguments[1], arguments[2]
        if option == socket.SO_LINGER and isinstance(value, bytes) and len(value) >= 4:
            half = len(value) // 2
            info.aborts = any(value[:half]) and not any(value[half:])
        if option in _KERNEL_TIMEOUTS:
            info.kernel_timeout = True

    def settimeout(self, value: Any, /) -> None:
        with _noting(record.begin(self, self._info, "settimeout", (brief(value),))):
            super().settimeout(value)

    def setblocking(self, flag: Any, /) -> None:
        with _noting(record.begin(self, self._info, "setblocking", (brief(flag),))):
            super().setblocking(flag)

    def set_inheritable(self, inheritable: bool) -> None:
        if self._info is not None and inheritable:
            record.tracker.untrack(self._info)
        super().set_inheritable(inheritable)

    # The end

    def shutdown(self, how: int, /) -> None:
        call = record.begin(self, self._info, "shutdown", shutdown_arguments((how,)))
        with _noting(call):
            if call is not None:
                read = how in (socket.SHUT_RD, socket.SHUT_RDWR)
                write = how in (socket.SHUT_WR, socket.SHUT_RDWR)
                record.tracker.shut(call, read, write)
            super().shutdown(how)

    def close(self) -> None:
        info = self._info
        if info is None or self.fileno() < 0:
            return super().close()
        call = record.begin(self, info, "close")
        with _noting(call):
            if self._io_refs:  # type: ignore[attr-defined]
                if call is not None:
                    call.remark = "still held open by makefile()"
            elif call is not None:
                record.tracker.releasing(info, call.timestamp)
            else:
                record.tracker.detached(info)
            super().close()

    def detach(self) -> int:
        info = self._info
        with _noting(record.begin(self, info, "detach")):
            if info is not None:
                record.tracker.detached(info)
            return super().detach()

    def dup(self) -> Self:
        call = record.begin(self, self._info, "dup")
        with _noting(call):
            with not_recorded():
                copy = super().dup()
            if call is not None and isinstance(copy, RecordingSocket):
                info = record.tracker.attach(copy, SocketInfo(0, call.info.stream))
                call.made = info.number
                record.tracker.shared(info, call.info)
            return copy


def _copy_documentation() -> None:
    """Help and `repr` read as for a plain socket."""
    RecordingSocket.__doc__ = _PLAIN.__doc__
    for name, method in vars(RecordingSocket).items():
        plain = getattr(_PLAIN, name, None)
        if callable(method) and not name.startswith("_") and plain is not None:
            method.__doc__ = method.__doc__ or plain.__doc__
            method.__qualname__ = f"socket.{name}"
    RecordingSocket.__module__ = "socket"
    RecordingSocket.__name__ = RecordingSocket.__qualname__ = "socket"


_copy_documentation()


class _noting:
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


def _is_on_loopback(sock: socket.socket) -> bool:
    """Whether only this machine can reach the address of the socket."""
    address = _PLAIN.getsockname(sock)
    host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    return str(host).removeprefix("::ffff:").startswith("127.") or host == "::1"


_FOUR_NUMBERS = re.compile(r"[0-9]+(\.[0-9]+){3}")


def _numeric(address: Any, family: int) -> Any:
    """The address with its host name looked up, to find the recorded socket that has it."""
    if not isinstance(address, tuple) or len(address) < 2 or not isinstance(address[0], str):
        return address
    host, port = address[:2]
    if not host or ":" in host or _FOUR_NUMBERS.fullmatch(host):
        return address
    if host == "<broadcast>":
        return "255.255.255.255", port
    try:
        return socket.getaddrinfo(host, port, family)[0][4]
    except (OSError, UnicodeError):
        return address


def _socketpair(*arguments: Any, **named: Any) -> tuple[socket.socket, socket.socket]:
    """socket.socketpair: two sockets, connected with each other."""
    if not _is_recorded():
        return _plain_socketpair(*arguments, **named)
    with not_recorded():
        first, second = _plain_socketpair(*arguments, **named)
    if not (isinstance(first, RecordingSocket) and isinstance(second, RecordingSocket)):
        return first, second
    info = SocketInfo(0, first.type == socket.SOCK_STREAM)
    call = record.begin(first, info, "socketpair")
    with _noting(call):
        record.tracker.attach(first, info)
        other = record.tracker.attach(second, SocketInfo(call.clock if call else 0, info.stream))
        info.born = other.born
        if call is not None:
            call.made = other.number
        if info.stream:
            record.tracker.paired(info, other)
    return first, second


_socketpair.__doc__ = _plain_socketpair.__doc__
_accepting = threading.Lock()
"""Held from "a client is there" to accept(), so that two threads do not race for one client."""
_installs = 0


def install() -> None:
    """Put `RecordingSocket` in place of `socket.socket`; the running thread is the cell.

    Calls may be nested: each needs its `uninstall`.
    """
    global _installs
    _installs += 1
    if _installs > 1:
        return
    with suppress(ImportError):
        import ssl  # noqa: F401  (its classes must derive from the plain socket)
    record.actors.begin_with(ActorState(Actor(0, "cell", "cell")))
    record.enabled = True
    socket.socket = RecordingSocket  # type: ignore[misc]
    socket.socketpair = _socketpair
    selecting.install()
    untracked.install(RecordingSocket)


def uninstall() -> None:
    """Put the plain `socket.socket` back. What is recorded stays to be read."""
    global _installs
    if not _installs:
        return
    _installs -= 1
    if _installs:
        return
    socket.socket = _PLAIN  # type: ignore[misc]
    socket.socketpair = _plain_socketpair
    selecting.uninstall()
    untracked.uninstall()
    record.enabled = False
    if record.actors.cell is not None:
        record.actors.leave(record.actors.cell)
        record.actors.cell = None


class Recording:
    """What `recording()` gives: the events so far."""

    @property
    def events(self) -> tuple[Event, ...]:
        """All recorded calls, in causal order."""
        return record.events()


@contextmanager
def recording() -> Iterator[Recording]:
    """Record the sockets that are made inside the block (for use outside notebooks).

    Starts with an empty record.
    """
    if not _installs:
        record.log.clear()
    install()
    try:
        yield Recording()
    finally:
        uninstall()
