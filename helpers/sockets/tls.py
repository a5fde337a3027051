"""TLS sockets that record, in place of `ssl.SSLSocket`.

Rules of this file:

- Those of `recording.py`. The judge is CPython's own `test.test_ssl`.
- What a program calls is noted, and no more: recv() is not a read() besides.
- `_sslobj` is what makes TLS, in C. It is asked for once at the beginning of a call: another
  thread may take it away meanwhile, with shutdown().

Theory of operation. `SSLContext.wrap_socket` makes an object of the class that is in
`SSLContext.sslsocket_class`, and takes the descriptor out of the plain socket. The new object goes
on with what the recorder knows of that one (`SocketInfo`). Its class stands above both classes, so
that whatever `SSLSocket` leaves to a plain socket (connect, accept, all after unwrap) is recorded.

TLS does not know MSG_DONTWAIT. So a try makes the socket non-blocking, for this try only; it says
whether it would have had to wait for something to read, or for room to write. Meanwhile the
program is told the timeout that it has set itself.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from helpers.record.events import Constant
from helpers.record.model import Call, Deadlock
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo
from helpers.record.streams import Segment
from helpers.sockets.arguments import as_written, brief, head, room_in, size_of
from helpers.sockets.attempts import PLAIN
from helpers.sockets.noting import nothing, noting, wait_and_try
from helpers.sockets.recording import RecordingSocket

_NEARLY_NOW = 1e-6
"""Seconds of a last try when the time is up: its error is then in the plain call's own words."""


class _Wrapped(RecordingSocket):
    """What `SSLSocket` takes for the class of plain sockets."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        PLAIN.__init__(self, *arguments, **named)  # `_create` says what is known of it

    def settimeout(self, value: Any, /) -> None:
        super().settimeout(value)
        self._timeout = PLAIN.gettimeout(self)

    def setblocking(self, flag: Any, /) -> None:
        super().setblocking(flag)
        self._timeout = PLAIN.gettimeout(self)

    def gettimeout(self) -> float | None:
        """What the program has set, also during a try."""
        return self._timeout

    def _timeout_set(self) -> float | None:
        return self._timeout

    def getblocking(self) -> bool:
        return self._timeout != 0

    @property
    def timeout(self) -> float | None:
        """The same as gettimeout()."""
        return self._timeout


class RecordingSSLSocket(ssl.SSLSocket, _Wrapped):
    """A TLS socket: the handshake, what is read and written, and the end of TLS."""

    _sslobj: Any
    suppress_ragged_eofs: bool
    _timeout: float | None
    _trying: threading.RLock
    """Held during a try: two of them would take the socket's timeout for the program's."""
    _unfinished: tuple[Call, Segment] | None
    """A write that was broken off. The program has to make it again (SSL_write(3))."""

    def __new__(cls, *arguments: Any, **named: Any) -> RecordingSSLSocket:
        made = super().__new__(cls, *arguments, **named)
        made._info = made._timeout = made._unfinished = None
        made._trying = threading.RLock()
        return made

    @classmethod
    def _create(
        cls,
        sock: Any,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        *more: Any,
        **named: Any,
    ) -> Any:
        plain: Any = super()
        info: SocketInfo | None = getattr(sock, "_info", None)
        if info is None:
            return plain._create(sock, server_side, do_handshake_on_connect, *more, **named)
        info.learn_name(sock)
        call = None
        if info.name:
            shown = (Constant("server_side=True"),) if server_side else ()
            call = record.begin(sock, info, "wrap_socket", shown)
        info.wrap()
        shakes = do_handshake_on_connect and sock.gettimeout() != 0  # or the plain one refuses
        sock._info = None
        try:
            with noting(call):
                later = do_handshake_on_connect and not shakes
                made = plain._create(sock, server_side, later, *more, **named)
        except BaseException:
            if sock.fileno() < 0:
                _is_lost(sock, info)
            else:
                sock._info = info
            raise
        record.tracker.attach(made, info)
        made.do_handshake_on_connect = do_handshake_on_connect
        if shakes and made._connected:
            try:
                made.do_handshake()
            except BaseException:
                made.close()
                raise
        return made

    # The handshake

    def do_handshake(self, block: bool = False) -> None:
        call = self._begins("do_handshake")
        if call is None:
            return super().do_handshake(block)
        with _noting_tls(call):
            self._check_connected()  # type: ignore[attr-defined]
            record.tls.begins(call)
            try:
                self._until_done(call, self._sslobj.do_handshake, waits=block)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except BaseException:
                record.tls.failed(call)
                raise
            record.tls.agreed(call)

    def unwrap(self) -> Any:
        call = self._begins("unwrap")
        if call is None:
            return super().unwrap()
        with _noting_tls(call):
            record.tls.ending(call)
            left = self._until_done(call, self._sslobj.shutdown)
            self._sslobj = None
            record.tls.ended(call)
            return left

    # Reading

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        call = None if flags else self._begins("recv", brief(buflen))
        if call is None:
            return super().recv(buflen, flags)
        with _noting_tls(call):
            data: bytes = self._read_tls(call, buflen, None)
            return data

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        call = None if flags else self._begins("recv_into", brief(buffer), nbytes or 0)
        if call is None:
            return super().recv_into(buffer, nbytes, flags)
        with _noting_tls(call):
            if nbytes is None:
                with memoryview(buffer) as view:
                    nbytes = view.nbytes or 1024
            call.result = self._read_tls(call, nbytes, buffer)
            return int(call.result)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:
        shown = (brief(len),) if buffer is None else (brief(len), brief(buffer))
        call = self._begins("read", *shown)
        if call is None:
            return super().read(len, buffer)
        with _noting_tls(call):
            got = self._read_tls(call, len, buffer)
            if buffer is not None:
                call.result = got
            return got

    def _read_tls(self, call: Call, size: Any, buffer: Any) -> Any:
        """What was read; the number of bytes where there is a buffer to store it in."""
        record.tls.begins(call)
        arguments = (size,) if buffer is None else (size, buffer)
        try:
            got = self._until_done(call, self._sslobj.read, *arguments)
        except ssl.SSLError as error:
            if error.args[0] != ssl.SSL_ERROR_EOF or not self.suppress_ragged_eofs:
                raise
            got = b"" if buffer is None else 0
        record.tls.agreed(call)
        data, count, asked = got, got, size
        if buffer is None:
            count = len(got)
        else:
            data, asked = buffer, size if size > 0 else room_in(buffer, 0)
        record.carrying.received(call, head(data, count), count, asked)
        if not count:
            record.tls.read_the_end(call)
        return got

    def pending(self) -> int:
        call = record.begin(self, self._info, "pending")
        with noting(call):
            count = super().pending()
            if call is not None:
                call.result = count
            return count

    # Writing

    def send(self, data: Any, flags: int = 0) -> int:  # type: ignore[override]
        call = None if flags else self._begins("send")
        return super().send(data, flags) if call is None else self._send_tls(call, data)

    def write(self, data: Any) -> int:
        call = self._begins("write")
        return super().write(data) if call is None else self._send_tls(call, data)

    def sendall(self, data: Any, flags: int = 0) -> None:  # type: ignore[override]
        call = None if flags else self._begins("sendall")
        if call is None:
            return super().sendall(data, flags)
        with _noting_tls(call), memoryview(data) as view, view.cast("B") as whole:
            self._write_tls(call, whole, everything=True)

    def _send_tls(self, call: Call, data: Any) -> int:
        with _noting_tls(call):
            call.result = self._write_tls(call, data, everything=False)
            return int(call.result)

    def _write_tls(self, call: Call, data: Any, everything: bool) -> int:
        """Write. A blocking write returns when the system has all of it, or has failed."""
        record.tls.begins(call)
        size = size_of(data)
        segment = self._announce(call, data, size)
        write, sent = self._sslobj.write, 0
        try:
            if not everything:
                sent = self._until_done(call, write, data)
            while everything and sent < size:
                with data[sent:] as rest:
                    sent += self._until_done(call, write, rest)
        except BaseException as error:
            broken_off = not isinstance(error, OSError | ValueError | TypeError)
            if segment and (broken_off or isinstance(error, ssl.SSLWantWriteError | TimeoutError)):
                self._unfinished = call, segment
            else:
                record.carrying.sent_less(call, segment, 0)
            raise
        record.tls.agreed(call)
        call.data, call.size = head(data, sent), sent
        return sent

    def _announce(self, call: Call, data: Any, size: int) -> Segment | None:
        """Enter what is about to be written, but for what an earlier try has got across."""
        before, self._unfinished = self._unfinished, None
        if before is not None:
            size = max(0, size - record.tls.resumed(*before))
        return record.carrying.sending(call, head(data, size), size)

    # How a call waits

    def _begins(self, name: str, *shown: Any) -> Call | None:
        """A call that goes through TLS begins. None: what `SSLSocket` does is all there is."""
        if self._sslobj is None:
            return None
        return record.begin(self, self._info, name, as_written(*shown), can_wait=True)

    def _until_done(
        self, call: Call, step: Callable[..., Any], *arguments: Any, waits: bool = False
    ) -> Any:
        """Make a call of `_sslobj`, as soon as it need not wait."""
        attempts, deadline = self._how_to_try()
        if attempts is None and not waits:
            return step(*arguments)
        while True:
            try:
                return self._try(0.0, step, *arguments)
            except ssl.SSLWantReadError:
                write = False
            except ssl.SSLWantWriteError:
                write = True
            try:
                wait_and_try(call, self, write, deadline, nothing)
            except Deadlock:
                raise
            except TimeoutError:
                break
        return self._try(_NEARLY_NOW, step, *arguments)

    def _try(self, timeout: float, step: Callable[..., Any], *arguments: Any) -> Any:
        """Make it now. It raises what says for what it would have had to wait."""
        with self._trying:
            with suppress(OSError):  # it is closed: the step will say so
                PLAIN.settimeout(self, timeout)
            try:
                return step(*arguments)
            finally:
                with suppress(OSError):
                    PLAIN.settimeout(self, self._timeout)


def _is_lost(sock: Any, info: SocketInfo) -> None:
    """wrap_socket() has failed with the descriptor in its hands: it closes it.

    (Before Python 3.13 it only drops it. CPython then closes it as soon as the error is handled.)
    """
    call = record.begin(sock, info, "close")
    with noting(call):
        if call is not None:
            record.leaving.closing(info, call.timestamp)
        else:
            record.tracker.detached(info)


class _noting_tls(noting):
    """The same, with the errors that only TLS knows."""

    __slots__ = ()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._call is not None and isinstance(error, ssl.SSLEOFError):
            record.tls.met_the_end(self._call)
        super().__exit__(kind, error, trace)


def _look_like_the_plain_one() -> None:
    """Help and `repr` read as for a TLS socket that is not recorded."""
    RecordingSSLSocket.__doc__ = ssl.SSLSocket.__doc__
    for part in (RecordingSSLSocket, _Wrapped):
        for name, method in vars(part).items():
            plain = getattr(ssl.SSLSocket, name, None)
            if callable(method) and not name.startswith("_") and plain is not None:
                method.__doc__ = plain.__doc__
                method.__qualname__ = f"SSLSocket.{name}"
    RecordingSSLSocket.__module__ = "ssl"
    RecordingSSLSocket.__name__ = RecordingSSLSocket.__qualname__ = "SSLSocket"


_look_like_the_plain_one()


def install() -> None:
    """From now on a context makes recording sockets, unless it has been given another class."""
    if ssl.SSLContext.sslsocket_class is ssl.SSLSocket:
        ssl.SSLContext.sslsocket_class = RecordingSSLSocket


def uninstall() -> None:
    """Put the plain class back."""
    if ssl.SSLContext.sslsocket_class is RecordingSSLSocket:
        ssl.SSLContext.sslsocket_class = ssl.SSLSocket
