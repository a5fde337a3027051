"""The methods that write: send(), sendall(), sendto(), sendmsg(), sendfile()."""

from __future__ import annotations

import _socket
import errno
import functools
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from helpers.record.datagrams import DatagramQueue
from helpers.record.drops import dropped_by
from helpers.record.model import Call, Deadlock
from helpers.record.record import record
from helpers.sockets import untracked
from helpers.sockets.arguments import (
    MISSING,
    NUMBERS,
    as_written,
    brief,
    flags_text,
    given,
    head,
    looked_up,
    piece_of,
    size_of,
)
from helpers.sockets.attempts import (
    NEVER_WAITS,
    PLAIN,
    Attempts,
    address_of,
    bound,
    family_of,
    is_closed,
)
from helpers.sockets.noting import NotedSocket, noting, wait_and_try

_MOST_BUFFERS = os.sysconf("SC_IOV_MAX") if hasattr(os, "sysconf") else 0


_OOB = int(socket.MSG_OOB)


def _drops(queue: DatagramQueue) -> int | None:
    """How many datagrams the system has dropped at that socket; None where nobody tells."""
    sock = record.tracker.socket_of(queue.socket)
    return None if sock is None else dropped_by(sock)


class WritingSocket(NotedSocket):
    """A stream is written with `_write`, a datagram is sent with `_post`."""

    __slots__ = ()

    def send(self, data: Any = MISSING, flags: int = 0, /, *more: Any, **named: Any) -> int:
        if data is MISSING or more or named or type(flags) not in NUMBERS:
            return bound(PLAIN.send, self)(*given(data, flags, *more), **named)
        shown = (flags_text(flags),) if flags else ()
        call = record.begin(self, self._info, "send", shown, can_wait=True)
        if call is None:
            return PLAIN.send(self, data, flags)
        try:
            if not call.info.connects:
                count = self._post(call, PLAIN.send, data, call.info.peer, flags)
            else:
                count = self._write(call, data, flags, everything=False)
            call.result = count
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)
        return count

    def sendall(self, data: Any = MISSING, flags: int = 0, /, *more: Any, **named: Any) -> None:
        if data is MISSING or more or named or type(flags) not in NUMBERS:
            return bound(PLAIN.sendall, self)(*given(data, flags, *more), **named)
        shown = (flags_text(flags),) if flags else ()
        call = record.begin(self, self._info, "sendall", shown, can_wait=True)
        if call is None:
            return PLAIN.sendall(self, data, flags)
        try:
            if not call.info.connects:
                self._post(call, PLAIN.send, data, call.info.peer, flags)
            else:
                self._write(call, data, flags, everything=True)
        except BaseException as error:
            record.failed(call, error)
            raise
        record.done(call)

    def sendto(self, *arguments: Any, **named: Any) -> int:
        if named or len(arguments) not in (2, 3):
            return bound(PLAIN.sendto, self)(*arguments, **named)
        data, *where = arguments
        info = self._info
        if info is not None and info.connects:
            record.tracker.untrack(info)
        if info is None or info.connects:
            return PLAIN.sendto(self, data, *where)
        address = where[-1]
        shown = (*map(flags_text, where[:-1]), brief(address))
        call = record.begin(self, info, "sendto", shown, can_wait=True)
        if call is None:
            return PLAIN.sendto(self, data, *where)
        with noting(call):
            target, address = looked_up(address, family_of(self))
            call.result = self._post(call, PLAIN.sendto, data, target, *where[:-1], address)
            return int(call.result)

    if hasattr(PLAIN, "sendmsg"):  # not on Windows

        def sendmsg(self, *arguments: Any, **named: Any) -> int:
            if named or not arguments:
                return bound(PLAIN.sendmsg, self)(*arguments, **named)
            buffers, *others = arguments
            rest = tuple(others)
            info = self._info
            ancillary, flags, address = rest[:1], rest[1:2], rest[2:]
            given = (*map(brief, ancillary), *map(flags_text, flags), *map(brief, address))
            shown = as_written(*given)
            call = record.begin(self, info, "sendmsg", shown, can_wait=True)
            with noting(call):
                if call is None:
                    return PLAIN.sendmsg(self, buffers, *rest)
                with suppress(TypeError, ValueError):  # the plain call says what is wrong
                    buffers = list(buffers)
                    rest = (*map(list, rest[:1]), *rest[1:])
                    untracked.untrack_descriptors(untracked.descriptors_in(*rest[:1]))
                data = _joined(buffers)
                if data is None or len(rest) > 3 or not isinstance((*rest, [])[0], list):
                    return PLAIN.sendmsg(self, buffers, *rest)
                call.result = self._send_message(call, data, *rest)
                return int(call.result)

    def _send_message(
        self, call: Call, data: bytes, ancillary: Any = (), flags: Any = 0, address: Any = None
    ) -> int:
        """Send it with what belongs to it, such as descriptors."""
        rest = (ancillary, flags) if address is None else (ancillary, flags, address)
        if not call.info.connects:
            to = call.info.peer if address is None else address
            return self._post(call, _send_message, data, to, *rest)
        if address is not None or type(flags) not in NUMBERS:
            record.tracker.untrack(call.info)  # with an address it may connect (MSG_FASTOPEN)
            return int(PLAIN.sendmsg(self, [data], *rest))
        return self._write(call, data, flags, everything=False, ancillary=ancillary)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file through `send`, so that what crosses is seen (not by os.sendfile)."""
        if self._info is None or not record.enabled:
            return PLAIN.sendfile(self, file, offset, count)
        return self._sendfile_use_send(file, offset, count)  # type: ignore[attr-defined, no-any-return]

    def _write(
        self, call: Call, data: Any, flags: int, everything: bool, ancillary: Any = ()
    ) -> int:
        """Send on a stream, waiting for room in the system's buffer where that is due.

        A plain blocking send() returns when the system has all the data; so does this one. Where
        the connection breaks after a part, it returns the size of that, and sendall() raises.
        """
        size = size_of(data)
        # One deadline for all pieces together.
        attempts, deadline = self._how_to_try(flags & NEVER_WAITS)
        send_now: Callable[..., int] = PLAIN.send if attempts is None else attempts.send_now
        if ancillary:
            send_now = _WithTheFirst(ancillary, attempts, send_now)
        segment = record.carrying.sending(call, head(data, size), size)
        if segment is not None and flags & _OOB:
            segment.urgent = True
        sent, rest = 0, None
        try:
            try:
                sent = send_now(self, data, flags)
                if sent >= size:
                    return sent  # as most often
            except BlockingIOError:
                if attempts is None:
                    raise
            rest = _Rest(send_now, data, flags, sent, size)
            self._send_rest(call, rest, attempts, deadline, everything)
            return rest.sent
        except OSError as error:
            if everything or rest is None or not rest.sent or isinstance(error, Deadlock):
                raise
            return rest.sent
        finally:
            if rest is not None:
                sent = rest.sent
            if sent != size:
                record.carrying.sent_less(call, segment, sent)

    def _send_rest(
        self,
        call: Call,
        rest: _Rest,
        attempts: Attempts | None,
        deadline: float | None,
        everything: bool,
    ) -> None:
        """Send what the first try has left; without `everything` as much as send() would."""
        is_blocking = attempts is not None and deadline is None
        is_short = is_blocking and record.short_sends and not everything
        if is_short:
            rest.stop = (rest.stop + 1) // 2
        takes_all = everything or (is_blocking and not is_short)
        rest.at_once = takes_all and is_blocking
        before = 0
        try:
            while takes_all or not rest.sent:
                try:
                    if attempts is None:
                        rest(self)
                    else:
                        wait_and_try(call, self, True, deadline, rest)
                except BlockingIOError:
                    if not everything or not is_blocking or rest.sent == before:
                        raise
                    before = rest.sent  # a plain sendall() tries again after a part
                if rest.sent >= rest.stop:
                    break
            return
        except OSError as error:
            plain_goes_on = everything and is_blocking and rest.sent
            is_deadlock = isinstance(error, Deadlock)
            if not plain_goes_on or is_deadlock or not is_closed(PLAIN.fileno(self)):
                raise
        # A plain sendall() has got the size of that part from the system, and goes on from there:
        # but another thread has closed the socket meanwhile.
        rest(self)

    def _post(self, call: Call, plain: Any, data: Any, address: Any, *rest: Any) -> int:
        """Send a datagram."""
        size = size_of(data)
        first = head(data, size) if size else b""
        ask = functools.partial(address_of, self)
        datagram = record.posting.posting(call, address, first, size, ask)
        try:
            if record.no_way_to is not None and address == record.no_way_to:
                raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
            count: int = self._post_now(call, plain, data, *rest)
        except BaseException:
            record.posting.not_posted(call, datagram)
            raise
        if call.info.datagram_queue is None:
            local = address_of(self)
            if local is not None:  # else another thread has closed it by now
                record.tracker.has_address(call, local)
        record.posting.posted(call, datagram, _drops)
        return count

    def _post_now(self, call: Call, *todo: Any) -> int:
        """Make the call `todo`, a plain method and its arguments, as soon as there is room."""
        attempts, deadline = self._how_to_try()
        if attempts is None:
            return int(todo[0](self, *todo[1:]))
        try:
            return int(attempts.when_ready(self, True, *todo))
        except BlockingIOError:
            pass  # waiting here would chain its error to this one
        return int(wait_and_try(call, self, True, deadline, attempts.when_ready, True, *todo))


def _joined(buffers: Any) -> bytes | None:
    """What sendmsg() sends of these; None if that is up to the plain call, as an error is."""
    try:
        return b"".join(buffers) if len(buffers) <= _MOST_BUFFERS else None
    except TypeError:
        return None


def _send_message(sock: Any, data: bytes, *rest: Any) -> int:
    """sendmsg(), with the data in one piece."""
    return _socket.socket.sendmsg(sock, [data], *rest)


class _WithTheFirst:
    """Sends bytes as `send_now` does. With the first of them go the ancillary data."""

    def __init__(
        self, ancillary: Any, attempts: Attempts | None, send_now: Callable[..., int]
    ) -> None:
        self._ancillary = ancillary
        self._attempts = attempts
        self._send_now = send_now

    def __call__(self, sock: Any, data: Any, flags: int) -> int:
        if not self._ancillary:
            return self._send_now(sock, data, flags)
        if self._attempts is None:
            count = _send_message(sock, data, self._ancillary, flags)
        else:
            count = self._attempts.send_message_now(sock, data, self._ancillary, flags)
        self._ancillary = ()
        return count


class _Rest:
    """The bytes that the first try has not sent. Called with a socket it tries to send more."""

    __slots__ = ("_data", "_flags", "_send_now", "at_once", "sent", "stop")

    def __init__(
        self, send_now: Callable[..., int], data: Any, flags: int, sent: int, stop: int
    ) -> None:
        self._send_now = send_now
        self._data = data
        self._flags = flags
        self.sent = sent
        self.stop = stop
        """The end of what is to be sent."""
        self.at_once = False
        """A plain call sends all of it in one system call: so it is for one and the same socket."""

    def __call__(self, sock: Any) -> None:
        """Raises BlockingIOError where there is no room; `sent` counts what had some."""
        if not self.stop:
            self._send_now(sock, self._data, self._flags)  # empty, or no buffer: it says so
            return
        while self.sent < self.stop:
            with piece_of(self._data, self.sent, self.stop) as part:
                self.sent += self._send_now(sock, part, self._flags)
            if not self.at_once:
                return
