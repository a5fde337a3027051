"""The methods that make a connection: bind(), listen(), connect(), accept()."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from typing import Any

from helpers.addresses import is_on_loopback
from helpers.record.model import Call, Deadlock
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo
from helpers.record.wire import PendingConnect
from helpers.sockets.arguments import brief, looked_up
from helpers.sockets.attempts import (
    AF_UNIX,
    PLAIN,
    Attempts,
    address_of,
    bound,
    family_of,
    get_blocking,
    is_under_way_error,
)
from helpers.sockets.noting import NotedSocket, noting, wait_and_try


def _keep_strangers_out(sock: Any) -> None:
    """Let a listener hear only what comes by the loopback device (socket(7); Linux 5.7, newer)."""
    with suppress(OSError, AttributeError):
        PLAIN.setsockopt(sock, socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")


def has_a_number(address: Any) -> bool:
    """Whether the caller has chosen the port itself."""
    return isinstance(address, tuple) and len(address) > 1 and address[1] not in (0, "0")


class ConnectingSocket(NotedSocket):
    """Whoever accepts comes after the one who connects, who comes after the one who listens."""

    __slots__ = ()

    def bind(self, *arguments: Any, **named: Any) -> None:
        if named or len(arguments) != 1:
            return bound(PLAIN.bind, self)(*arguments, **named)
        (address,) = arguments
        call = record.begin(self, self._info, "bind", (brief(address),))
        with noting(call):
            if call is not None and record.refused_binds and has_a_number(address):
                record.refused_binds -= 1
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            PLAIN.bind(self, address)
            local = address_of(self) if call is not None else None
            if call is not None and local is not None:
                record.tracker.has_address(call, local)

    def listen(self, *backlog: int, **named: Any) -> None:
        call = record.begin(self, self._info, "listen", backlog)
        with noting(call):
            is_refused = record.loopback_only and not is_on_loopback(PLAIN.getsockname(self))
            if call is not None and is_refused:
                raise PermissionError(errno.EACCES, "other computers could reach this listener")
            if call is not None and record.loopback_device:
                _keep_strangers_out(self)
            bound(PLAIN.listen, self)(*backlog, **named)
            local = address_of(self) if call is not None else None
            if call is not None and local is not None:
                record.tracker.listening(call, local)

    def connect(self, *arguments: Any, **named: Any) -> None:
        if named or len(arguments) != 1:
            return bound(PLAIN.connect, self)(*arguments, **named)
        (address,) = arguments
        call = record.begin(self, self._info, "connect", (brief(address),), can_wait=True)
        if call is None:
            return PLAIN.connect(self, address)
        with noting(call):
            self._connect(call, address)

    def connect_ex(self, *arguments: Any, **named: Any) -> int:
        if named or len(arguments) != 1:
            return bound(PLAIN.connect_ex, self)(*arguments, **named)
        (address,) = arguments
        call = record.begin(self, self._info, "connect_ex", (brief(address),), can_wait=True)
        if call is None:
            return PLAIN.connect_ex(self, address)
        with noting(call):
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
                if timed_out:
                    record.broken_off(call, error)
            except (TypeError, ValueError, OverflowError):
                pass  # the arguments are wrong: the plain method of this name says so
            else:
                return 0
            if call.result is None:
                return PLAIN.connect_ex(self, address)
            return int(call.result)

    def _connect(self, call: Call, address: Any) -> None:
        """Connect; where that takes time, wait until it has ended."""
        info = call.info
        family = family_of(self)
        attempts, deadline = self._how_to_try(not info.connects or family == AF_UNIX)
        if attempts is not None and deadline is None and not get_blocking(PLAIN.fileno(self)):
            attempts = None  # O_NONBLOCK was set behind Python's back
        target, address = looked_up(address, family)
        before, pending, is_under_way = info.endpoint, None, None
        try:
            if info.connects:
                with record.lock.hold():
                    pending = record.tracker.connecting(call, target)
                    if pending is not None and isinstance(target, tuple):
                        # Nothing may wait while the lock is held. The connect() of a Unix socket
                        # may, for room in the queue. Others do not: their host is looked up.
                        is_under_way = self._begin_to_connect(
                            call, attempts, pending, address, target
                        )
            if is_under_way is None:
                is_under_way = self._begin_to_connect(call, attempts, pending, address, target)
            if is_under_way and attempts is not None:
                wait_and_try(call, self, True, deadline, attempts.connected_now, address)
        except BlockingIOError as error:
            if is_under_way:  # the system's own limit is over (`time_limit_of`), and it goes on
                raise OSError(errno.EINPROGRESS, os.strerror(errno.EINPROGRESS)) from None
            if not is_under_way_error(error):
                record.tracker.not_connected(call, pending, before)
            raise
        except BaseException:
            record.tracker.not_connected(call, pending, before)
            raise

    def _begin_to_connect(
        self,
        call: Call,
        attempts: Attempts | None,
        pending: PendingConnect | None,
        address: Any,
        peer: Any,
    ) -> bool:
        """Let the system begin with the connection. Whether it needs more time for it.

        Raises BlockingIOError in that case where the socket is non-blocking.
        """
        try:
            if attempts is None:
                PLAIN.connect(self, address)
            else:
                attempts.connect_now(self, address)
        except BlockingIOError as error:
            if not is_under_way_error(error):
                raise  # the queue of a Unix socket is full: there is no connection
            self._has_peer(call, pending, peer)
            # Python waits for a connect() that it has begun. With a timeout it does not wait for
            # one that was under way before (internal_connect() in CPython's socketmodule.c).
            if attempts is None or (self._timeout_set() and error.errno == errno.EALREADY):
                raise
            return True
        self._has_peer(call, pending, peer)
        return False

    def _has_peer(self, call: Call, pending: PendingConnect | None, peer: Any) -> None:
        """The system has given the socket its own address, and knows that of its peer."""
        local = address_of(self)
        if local is None:
            return  # another thread has closed it by now
        if call.info.connects:
            record.tracker.handed_over(call, pending, local, peer)
        else:
            record.tracker.has_address(call, local)
            record.tracker.has_peer(call.info, peer)

    def accept(self) -> tuple[socket.socket, Any]:
        call = record.begin(self, self._info, "accept", (), can_wait=True)
        if call is None:
            return PLAIN.accept(self)
        with noting(call):
            record.tracker.serves(call.state, call.info)
            fd, address = self._accept_when_ready(call)
            conn = self._made(fd)
            if socket.getdefaulttimeout() is None and PLAIN.gettimeout(self):
                PLAIN.setblocking(conn, True)
            info = record.tracker.attach(conn, SocketInfo(0, call.info.stream))
            record.tracker.accepted(call, info, address_of(conn), address)
            call.result = address
            return conn, address

    def _accept_when_ready(self, call: Call) -> tuple[int, Any]:
        attempts, deadline = self._how_to_try()
        if attempts is None or not self._listens():
            return self._accept()  # type: ignore[attr-defined, no-any-return]
        fd, address = wait_and_try(call, self, False, deadline, attempts.accept_now)
        return fd, address

    def _listens(self) -> bool:
        if self._info is not None and self._info.listener is not None:
            return True
        try:
            return bool(PLAIN.getsockopt(self, socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
        except (OSError, AttributeError):
            return False

    def _made(self, fd: int) -> NotedSocket:
        """A socket for a descriptor that a recorded call has just made."""
        raise NotImplementedError
