"""The methods that read: recv(), recvfrom(), recvmsg() and their variants."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.record.model import Call
from helpers.record.record import record
from helpers.record.wakeup import is_broken
from helpers.sockets.arguments import (
    MISSING,
    NUMBERS,
    as_written,
    asked_of,
    brief,
    filled_in,
    flags_text,
    given,
    head,
    piece_of,
    room_in,
)
from helpers.sockets.attempts import AF_UNIX, NEVER_WAITS, PLAIN, bound, family_of, unread_in
from helpers.sockets.noting import NotedSocket, noting, wait_and_try

_WAITALL = int(getattr(socket, "MSG_WAITALL", 0))
_PEEK = int(socket.MSG_PEEK)
_TRUNC = int(getattr(socket, "MSG_TRUNC", 0)) if sys.platform == "linux" else 0
"""Elsewhere it says nothing of what is received (man 2 recv)."""
_OOB = int(socket.MSG_OOB)
_PIECE = 1 << 18
"""Bytes of one piece with MSG_WAITALL: who asks for 4 GB gets memory for what comes."""
_MOST = 2**31 - 1
"""An option of a socket is an int."""
_gettimeout = PLAIN.gettimeout


def _error_comes_next(sock: Any) -> bool:
    """Whether nothing is left to read but an error. It is for the next call, and not for this one.

    Only Linux tells by poll(). Elsewhere the error is lost, and the next call gives the end.
    """
    number = PLAIN.fileno(sock)
    if sys.platform != "linux" or number < 0 or not is_broken(number):
        return False
    return not unread_in(number)


@contextmanager
def _ready_for(call: Call, sock: Any, size: int) -> Iterator[None]:
    """Meanwhile the socket is ready to read when `size` bytes are there, or the end, or an error.

    So a wait in the kernel for all of them can be ended like any other: it has not begun. Of more
    bytes than its buffer takes the system waits for a part (SO_RCVLOWAT in man 7 socket;
    tcp_set_rcvlowat() in Linux, net/ipv4/tcp.c). Windows has no such option.
    """
    before = None
    with suppress(OSError):
        before = PLAIN.getsockopt(sock, socket.SOL_SOCKET, socket.SO_RCVLOWAT)
        PLAIN.setsockopt(sock, socket.SOL_SOCKET, socket.SO_RCVLOWAT, min(size, _MOST))
        call.least = PLAIN.getsockopt(sock, socket.SOL_SOCKET, socket.SO_RCVLOWAT)
    try:
        yield
    finally:
        if before is not None:
            with suppress(OSError):  # closed meanwhile
                PLAIN.setsockopt(sock, socket.SOL_SOCKET, socket.SO_RCVLOWAT, before)


def _plain_call(sock: Any, plain: Any, arguments: tuple[Any, ...], flags: int) -> Any:
    """What `Attempts.receive_now` makes of a call that does not wait."""
    return plain(sock, *arguments, flags)


class ReadingSocket(NotedSocket):
    """Each method reads with `_read` and notes with `_got` what came.

    With MSG_WAITALL a call waits in the kernel until all is there. recv() and recv_into() do it in
    pieces instead. The others, and who peeks, wait until all is there; then the plain call is made.
    """

    __slots__ = ()

    def recv(self, bufsize: Any = MISSING, flags: int = 0, /, *more: Any, **named: Any) -> bytes:
        if bufsize is MISSING or more or named or type(flags) not in NUMBERS:
            return bound(PLAIN.recv, self)(*given(bufsize, flags, *more), **named)
        size = bufsize if type(bufsize) is int else brief(bufsize)
        shown = (size, flags_text(flags)) if flags else (size,)
        call = record.begin(self, self._info, "recv", shown, can_wait=True)
        if call is None:
            return PLAIN.recv(self, bufsize, flags)
        try:
            # For 0 no plain call waits; for a number that is too large it raises.
            waits = isinstance(bufsize, int) and 0 < bufsize <= sys.maxsize
            data: bytes
            if waits and flags & _WAITALL and self._waits_for_all(call, flags):
                data = self._recv_all(call, bufsize, flags & ~_WAITALL)
            else:
                data = self._read(call, PLAIN.recv, (bufsize,), flags, waits, bufsize)
                self._got(call, data, len(data), flags, bufsize)
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)
        return data

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        filled = filled_in(("buffer", "nbytes", "flags"), arguments, named)
        if filled is None:
            return bound(PLAIN.recv_into, self)(*arguments, **named)
        buffer, nbytes, flags = filled
        shown = as_written(brief(buffer), brief(nbytes), flags_text(flags))
        call = record.begin(self, self._info, "recv_into", shown, can_wait=True)
        if call is None:
            return PLAIN.recv_into(self, buffer, nbytes, flags)
        with noting(call):
            asked = room_in(buffer, nbytes)
            if asked > 0 and flags & _WAITALL and self._waits_for_all(call, flags):
                count = self._recv_all_into(call, buffer, asked, flags & ~_WAITALL)
            else:
                count = self._read(call, PLAIN.recv_into, (buffer, nbytes), flags, asked > 0, asked)
                self._got(call, buffer, count, flags, asked)
            call.result = count
            return count

    def recvfrom(
        self, bufsize: Any = MISSING, flags: int = 0, /, *more: Any, **named: Any
    ) -> tuple[bytes, Any]:
        if bufsize is MISSING or more or named or type(flags) not in NUMBERS:
            return bound(PLAIN.recvfrom, self)(*given(bufsize, flags, *more), **named)
        shown = as_written(brief(bufsize), flags_text(flags))
        call = record.begin(self, self._info, "recvfrom", shown, can_wait=True)
        if call is None:
            return PLAIN.recvfrom(self, bufsize, flags)
        with noting(call):
            record.tracker.serves(call.state, call.info)
            waits = isinstance(bufsize, int) and bufsize >= 0
            data, address = self._read(call, PLAIN.recvfrom, (bufsize,), flags, waits, bufsize)
            call.peer = call.result = address
            self._got(call, data, len(data), flags, bufsize)
            return data, address

    def recvfrom_into(self, *arguments: Any, **named: Any) -> tuple[int, Any]:
        filled = filled_in(("buffer", "nbytes", "flags"), arguments, named)
        if filled is None:
            return bound(PLAIN.recvfrom_into, self)(*arguments, **named)
        buffer, nbytes, flags = filled
        shown = as_written(brief(buffer), brief(nbytes), flags_text(flags))
        call = record.begin(self, self._info, "recvfrom_into", shown, can_wait=True)
        if call is None:
            return PLAIN.recvfrom_into(self, buffer, nbytes, flags)
        with noting(call):
            record.tracker.serves(call.state, call.info)
            asked = room_in(buffer, nbytes)
            into = (buffer, nbytes)
            count, address = self._read(call, PLAIN.recvfrom_into, into, flags, asked >= 0, asked)
            call.peer, call.result = address, (count, address)
            self._got(call, buffer, count, flags, asked)
            return count, address

    if hasattr(PLAIN, "recvmsg"):  # not on Windows

        def recvmsg(self, *arguments: Any, **named: Any) -> Any:
            return self._read_message("recvmsg", PLAIN.recvmsg, arguments, named)

        def recvmsg_into(self, *arguments: Any, **named: Any) -> Any:
            with suppress(TypeError):  # the plain call says what is wrong
                arguments = (*map(list, arguments[:1]), *arguments[1:])
            return self._read_message("recvmsg_into", PLAIN.recvmsg_into, arguments, named)

    def _read_message(
        self, name: str, plain: Any, arguments: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        """Make one of the two, with what it reads into."""
        filled = None if named else filled_in(("target", "ancbufsize", "flags"), arguments)
        if filled is None:
            return bound(plain, self)(*arguments, **named)
        target, ancbufsize, flags = filled
        shown = as_written(brief(target), brief(ancbufsize), flags_text(flags))
        call = record.begin(self, self._info, name, shown, can_wait=True)
        if call is None:
            return plain(self, target, ancbufsize, flags)
        with noting(call):
            asked = asked_of(target)
            got = self._read(call, plain, (target, ancbufsize), flags, True, asked)
            data = got[0] if isinstance(got[0], bytes) else b""
            size = len(data) if isinstance(got[0], bytes) else got[0]
            call.peer = got[3] or call.peer
            self._got(call, data, size, flags, asked)
            return got

    def _read(
        self, call: Call, plain: Any, arguments: Any, flags: int, waits: bool, asked: Any
    ) -> Any:
        """Make a reading call as soon as it need not wait. It reads at most `asked` bytes.

        `waits` is False for arguments with which the plain call raises, or returns, at once.
        """
        if waits and flags & _WAITALL and call.info.stream and _gettimeout(self) is None:
            with _ready_for(call, self, asked):
                return self._read_when_ready(call, plain, arguments, flags, waits)
        return self._read_when_ready(call, plain, arguments, flags, waits)

    def _read_when_ready(
        self, call: Call, plain: Any, arguments: Any, flags: int, waits: bool
    ) -> Any:
        attempts, deadline = self._how_to_try(not waits or flags & NEVER_WAITS)
        if call.info.datagram_queue:
            there = record.posting.waiting(call.info)
            try:
                return (_plain_call if attempts is None else attempts.receive_now)(
                    self, plain, arguments, flags
                )
            except BlockingIOError:
                record.posting.lost(call.info, there)
                if attempts is None:
                    raise
        if attempts is None:
            return plain(self, *arguments, flags)
        endpoint = call.info.endpoint
        is_empty = endpoint is not None and endpoint.expects_nothing
        receive_now = attempts.receive_now
        if flags & _WAITALL and call.info.stream:
            receive_now = attempts.with_timeout.receive_now  # MSG_DONTWAIT would end that flag
        if not is_empty:
            try:
                return receive_now(self, plain, arguments, flags)
            except BlockingIOError:
                pass  # waiting here would chain its error to this one
        return wait_and_try(call, self, False, deadline, receive_now, plain, arguments, flags)

    def _got(self, call: Call, data: Any, size: int, flags: int, asked: int) -> None:
        """Note what was read: `size` of `asked` bytes, the first in `data`."""
        first = head(data, size)
        if flags & _TRUNC:  # the count is that of the whole datagram; of TCP no byte is given
            no_data = call.info.stream and family_of(self) != AF_UNIX
            size = size if call.info.stream else min(size, asked)
            first = b"" if no_data else first[:size]
        if flags & _PEEK:
            record.carrying.peeked(call, first, size, asked)
        elif flags & _OOB and call.info.stream:
            record.carrying.received_urgent(call, first, size)
        elif call.info.connects:
            record.carrying.received(call, first, size, asked)
        else:
            record.posting.fetched(call, first, size, asked)

    def _waits_for_all(self, call: Call, flags: int) -> bool:
        """Whether MSG_WAITALL counts: not where the socket, or the call, does not wait."""
        if not call.info.stream or flags & (_PEEK | NEVER_WAITS):
            return False
        return _gettimeout(self) is None

    def _recv_all(self, call: Call, bufsize: int, flags: int) -> bytes:
        pieces: list[bytes] = []

        def take(sock: Any, rest: int) -> int:
            piece = receive_now(sock, PLAIN.recv, (min(rest, _PIECE),), flags)
            self._got(call, piece, len(piece), flags, rest)
            pieces.append(piece)
            return len(piece)

        receive_now = self._attempts.receive_now
        self._take_all(call, bufsize, take)
        return b"".join(pieces)

    def _recv_all_into(self, call: Call, buffer: Any, asked: int, flags: int) -> int:
        def take(sock: Any, rest: int) -> int:
            with piece_of(buffer, asked - rest, asked) as room:
                size: int = receive_now(sock, PLAIN.recv_into, (room, 0), flags)
                self._got(call, room, size, flags, rest)
            return size

        receive_now = self._attempts.receive_now
        return self._take_all(call, asked, take)

    def _take_all(self, call: Call, asked: int, take: Callable[[Any, int], int]) -> int:
        """Take until all is there; or a part, if the wait for the rest is broken off, as the
        system does. Returns how many bytes."""
        count = 0

        def fill(sock: Any) -> None:
            nonlocal count
            while count < asked and not (count and _error_comes_next(sock)):
                size = take(sock, asked - count)
                count += size
                if not size:
                    break

        try:
            try:
                fill(self)
            except BlockingIOError:
                pass  # waiting here would chain its error to this one
            else:
                return count
            wait_and_try(call, self, False, None, fill)
        except OSError as error:
            if not count:
                raise
            record.broken_off(call, error)
        return count
