"""The class in place of `socket.socket`: it notes each call and makes the same call.

Rules of this file, and of those with its other methods (`reading`, `writing`, `connecting`):

- A recorded socket does what a plain one does: same results, same errors, same blocking.
  CPython's own `test.test_socket` is the judge (`tests/sockets/test_oracle.py`). Only a loop that
  makes no progress is slowed down (`busy_loop`).
- How a method notes its call, and how it waits, is in `noting.py`. What no method can wait for so:
  a connect() to a Unix socket whose queue is full, room for ancillary data, and, in any other
  method than recv() and recv_into(), more bytes of MSG_WAITALL than the socket's buffer takes.
  There the plain call is made.

Theory of operation. `install` puts `RecordingSocket` in place of `socket.socket`. The
module `socket` looks its own class up by that name, so `create_server`,
`create_connection`, `socketpair` and `accept` make recording sockets too. Sockets that
exist already, and those of Jupyter's own machinery, are left alone.
"""

from __future__ import annotations

import _socket
import inspect
import socket
import warnings
from abc import ABCMeta
from contextlib import suppress
from typing import Any, Self

from helpers.record.actors import IGNORED_PACKAGES
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo
from helpers.record.wakeup import is_not_recorded, not_recorded
from helpers.sockets.arguments import brief, family_arguments, option_arguments, shutdown_arguments
from helpers.sockets.attempts import (
    AF_UNIX,
    PLAIN,
    bound,
    family_of,
    file_of,
    resets_at_close,
    type_of,
    unread_in,
)
from helpers.sockets.connecting import ConnectingSocket
from helpers.sockets.letting_go import give_out, is_kept, letting_go, waits
from helpers.sockets.noting import NotedSocket, noting
from helpers.sockets.reading import ReadingSocket
from helpers.sockets.writing import WritingSocket
from helpers.variables import calling_frame

plain_socketpair = socket.socketpair

_OF_A_CLASS = {"__doc__", "__module__", "__qualname__", "__slots__", *NotedSocket.__slots__}
"""What each part has for itself."""


class _SocketType(ABCMeta):
    """Lets `isinstance(sock, socket.socket)` hold for sockets made before `install`.

    It is an ABCMeta, so that a class can derive from a socket and from an abstract class.
    """

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], /, **named: Any
    ) -> Any:
        """Put the parts together: a learner sees one class above Python's own, in `__mro__` too."""
        if not any(isinstance(base, mcls) for base in bases):
            for part in (*bases, NotedSocket):
                own = {key: value for key, value in vars(part).items() if key not in _OF_A_CLASS}
                namespace = own | namespace
            namespace["__slots__"] = NotedSocket.__slots__
            bases = (PLAIN,)
        return super().__new__(mcls, name, bases, namespace, **named)

    def __instancecheck__(cls, instance: object) -> bool:
        if cls is RecordingSocket:
            return isinstance(instance, PLAIN)
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if cls is RecordingSocket:
            return issubclass(subclass, PLAIN)
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


def _tell_kind(sock: Any, info: SocketInfo) -> None:
    """How what it sends arrives: as one stream, in messages, or as datagrams."""
    kind = type_of(sock)
    info.stream = kind == socket.SOCK_STREAM
    # Others than those of AF_UNIX (SCTP) may have many peers.
    info.messages = kind == socket.SOCK_SEQPACKET and family_of(sock) == AF_UNIX


class RecordingSocket(ReadingSocket, WritingSocket, ConnectingSocket, metaclass=_SocketType):
    """What makes a socket, its options, and its end. The rest is in the classes above it."""

    __slots__ = ()

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
            with noting(call):
                super().__init__(family, type, proto)
            _tell_kind(self, info)
            if record.ipv6_only and self.family == getattr(socket, "AF_INET6", None):
                PLAIN.setsockopt(self, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            info.used = call.clock if call else 0
            record.tracker.attach(self, info)

    def _adopt(self) -> None:
        """Find out about a descriptor that was made elsewhere."""
        info = record.tracker.attach(self, SocketInfo(0, stream=True))
        _tell_kind(self, info)
        with suppress(OSError):
            info.local = PLAIN.getsockname(self)
            info.peer = PLAIN.getpeername(self)
        number = self.fileno()
        listens = self._listens()
        unread = unread_in(number) if info.stream and not listens else None
        record.adopting.adopted(info, number, file_of, listens, unread)

    def _made(self, fd: int) -> RecordingSocket:
        made = RecordingSocket.__new__(RecordingSocket)
        made._info = None
        PLAIN.__init__(made, self.family, self.type, self.proto, fd)
        return made

    def __del__(self) -> None:
        if PLAIN.fileno(self) == -1:
            return
        info = getattr(self, "_info", None)
        if info is not None:
            info.aborts = resets_at_close(self)
            record.collected(info)
        try:  # as the plain one does, which would name this very line
            warnings.warn(f"unclosed {self!r}", ResourceWarning, stacklevel=2, source=self)
        finally:
            with suppress(OSError):
                _socket.close(_socket.socket.detach(self))

    # Options

    def setsockopt(self, *arguments: Any, **named: Any) -> None:
        with noting(record.begin(self, self._info, "setsockopt", option_arguments(arguments))):
            bound(PLAIN.setsockopt, self)(*arguments, **named)

    def settimeout(self, *arguments: Any, **named: Any) -> None:
        with noting(record.begin(self, self._info, "settimeout", brief(arguments))):
            bound(PLAIN.settimeout, self)(*arguments, **named)

    def setblocking(self, *arguments: Any, **named: Any) -> None:
        with noting(record.begin(self, self._info, "setblocking", brief(arguments))):
            bound(PLAIN.setblocking, self)(*arguments, **named)

    def set_inheritable(self, inheritable: bool) -> None:
        if self._info is not None and inheritable:
            record.tracker.untrack(self._info)
        super().set_inheritable(inheritable)

    # The end

    def shutdown(self, *arguments: Any, **named: Any) -> None:
        if named or len(arguments) != 1:
            return bound(PLAIN.shutdown, self)(*arguments, **named)
        (how,) = arguments
        call = record.begin(self, self._info, "shutdown", shutdown_arguments((how,)))
        with noting(call):
            if call is not None:
                read = how in (socket.SHUT_RD, socket.SHUT_RDWR)
                write = how in (socket.SHUT_WR, socket.SHUT_RDWR)
                record.tracker.shut(call, read, write)
            PLAIN.shutdown(self, how)

    def close(self) -> None:
        info = self._info
        if info is None or PLAIN.fileno(self) < 0:
            return super().close()
        call = record.begin(self, info, "close")
        with noting(call):
            if self._io_refs:  # type: ignore[attr-defined]
                if call is not None:
                    call.remark = "still held open by makefile()"
                return super().close()
            with letting_go((PLAIN.fileno(self),), self):
                if call is not None:
                    info.aborts = resets_at_close(self)
                    record.leaving.closing(info, call.timestamp, is_kept)
                else:
                    record.tracker.detached(info)
                super().close()

    def fileno(self) -> int:
        number = PLAIN.fileno(self)
        info = self._info
        if info is not None and (waits or not info.given_out) and number >= 0:
            give_out(self, info, number)
        return number

    def detach(self) -> int:
        info = self._info
        with noting(record.begin(self, info, "detach")):
            number = PLAIN.fileno(self)
            if info is not None and number >= 0:
                record.adopting.leaving(info, number, file_of(number))
            with letting_go((number,), self):
                return super().detach()

    def dup(self) -> Self:
        call = record.begin(self, self._info, "dup")
        with noting(call):
            with not_recorded():
                copy = super().dup()
            if call is not None and _is_recording(copy):
                info = record.tracker.attach(copy, SocketInfo(0, call.info.stream))
                call.made = info.number
                record.tracker.shared(info, call.info)
            return copy


_SIGNATURES: dict[str, Any] = {
    "bind": lambda self, address, /: None,
    "connect": lambda self, address, /: None,
    "connect_ex": lambda self, address, /: None,
    "recv": lambda self, bufsize, flags=0, /: None,
    "recv_into": lambda self, buffer, nbytes=0, flags=0: None,
    "recvfrom": lambda self, bufsize, flags=0, /: None,
    "recvfrom_into": lambda self, buffer, nbytes=0, flags=0: None,
    "recvmsg": lambda self, bufsize, ancbufsize=0, flags=0, /: None,
    "recvmsg_into": lambda self, buffers, ancbufsize=0, flags=0, /: None,
    "send": lambda self, data, flags=0, /: None,
    "sendall": lambda self, data, flags=0, /: None,
    "setblocking": lambda self, flag, /: None,
    "settimeout": lambda self, value, /: None,
    "shutdown": lambda self, how, /: None,
}
"""What help shows. The methods take anything: the plain ones refuse it in their own words."""


def _copy_documentation() -> None:
    """Help and `repr` read as for a plain socket."""
    RecordingSocket.__doc__ = PLAIN.__doc__
    for name, method in vars(RecordingSocket).items():
        plain = getattr(PLAIN, name, None)
        if callable(method) and (name == "__init__" or not name.startswith("_")) and plain:
            if name in _SIGNATURES:
                method.__signature__ = inspect.signature(_SIGNATURES[name])
            method.__doc__ = method.__doc__ or plain.__doc__
            method.__qualname__ = f"socket.{name}"
    RecordingSocket.__module__ = "socket"
    RecordingSocket.__name__ = RecordingSocket.__qualname__ = "socket"


_copy_documentation()


def _pair_arguments(
    family: int | None = None, type: int = -1, proto: int = -1
) -> tuple[int, int, int]:
    """What socketpair() was given; -1 for what was left out."""
    return -1 if family is None else family, type, proto


def _is_recording(sock: object) -> bool:
    """Whether it is one of ours. For isinstance() every plain socket is (`_SocketType`)."""
    return RecordingSocket in type(sock).__mro__


def recorded_socketpair(*arguments: Any, **named: Any) -> tuple[socket.socket, socket.socket]:
    """socket.socketpair: two sockets, connected with each other."""
    if not _is_recorded():
        return plain_socketpair(*arguments, **named)
    with not_recorded():
        first, second = plain_socketpair(*arguments, **named)
    if not (_is_recording(first) and _is_recording(second)):
        return first, second  # another tool has put a class of its own in place
    info = SocketInfo(0, stream=True)
    _tell_kind(first, info)
    shown = family_arguments(*_pair_arguments(*arguments, **named))
    call = record.begin(first, info, "socketpair", shown)
    with noting(call):
        record.tracker.attach(first, info)
        other = record.tracker.attach(second, SocketInfo(call.clock if call else 0, info.stream))
        other.messages = info.messages
        info.used = other.used
        if call is not None:
            call.made = other.number
        record.tracker.paired(info, other)
    return first, second


recorded_socketpair.__doc__ = plain_socketpair.__doc__
recorded_socketpair.__name__ = recorded_socketpair.__qualname__ = "socketpair"
