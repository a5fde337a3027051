"""Programs that use TLS, to be run plain and recorded. Each returns what it saw."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import selectors
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from servers import HERE, recv_exactly

NAME = "localhost"
LIMIT = 10
"""Seconds for one wait of a program, so that none hangs."""


class TLS(NamedTuple):
    """A context for each side."""

    server: ssl.SSLContext
    client: ssl.SSLContext

    def connect(self, address: Any, **options: Any) -> ssl.SSLSocket:
        raw = socket.create_connection(address, LIMIT)
        return self.client.wrap_socket(raw, server_hostname=NAME, **options)

    def accept(self, listener: socket.socket, **options: Any) -> ssl.SSLSocket:
        conn, _ = listener.accept()
        conn.settimeout(LIMIT)
        return self.server.wrap_socket(conn, server_side=True, **options)


@contextmanager
def serving(serve: Callable[[socket.socket], object]) -> Iterator[Any]:
    """The address of a server in a thread. What it raised is raised at the end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            serve(listener)
        except BaseException as error:
            errors.append(error)

    with socket.create_server(HERE) as listener:
        listener.settimeout(LIMIT)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            thread.join()
    if errors:
        raise errors[0]


def echo(tls: TLS, listener: socket.socket, **options: Any) -> None:
    with tls.accept(listener, **options) as conn:
        while data := conn.recv(1000):
            conn.sendall(data)


# --- reading and writing --------------------------------------------------------------------------


def every_method(tls: TLS) -> object:
    with serving(partial(echo, tls)) as address, tls.connect(address) as client:
        said: list[object] = [client.send(b"abc"), client.recv(2), client.pending(), client.recv()]
        said += [client.write(b"defg"), client.read(1), client.read()]
        room = bytearray(4)
        client.sendall(memoryview(b"hijklmn"))
        said += [client.recv_into(room), bytes(room), client.recv_into(room, 2), bytes(room)]
        said += [client.read(4, room), bytes(room[:1]), client.recv(0), client.send(b"")]
        said += [client.gettimeout(), client.timeout, client.getblocking(), client.version()]
        for wrong in (
            lambda: client.recv(5, socket.MSG_PEEK),
            lambda: client.sendall("text"),  # type: ignore[arg-type]
            lambda: client.recvfrom(5),
            lambda: client.recv(-1),
            lambda: client.sendmsg([b"x"]),
            client.dup,
        ):
            try:
                said.append(wrong())
            except (TypeError, ValueError, NotImplementedError) as error:
                said.append((type(error).__name__, str(error)))
        return said


def lines_of_a_file(tls: TLS) -> object:
    with (
        serving(partial(echo, tls)) as address,
        tls.connect(address) as client,
        client.makefile("rw") as file,
    ):
        file.write("one\ntwo\n")
        file.flush()
        return file.readline(), file.readline()


def five_megabytes_to_a_slow_reader(tls: TLS) -> object:
    ready, sizes = threading.Event(), []

    def serve(listener: socket.socket) -> None:
        with tls.accept(listener) as conn:
            ready.wait(LIMIT)  # the sender fills every buffer meanwhile
            while sum(sizes) < 5_000_000:
                sizes.append(len(conn.recv(100_000)))
            conn.sendall(b"done")

    with serving(serve) as address, tls.connect(address) as client:
        timer = threading.Timer(0.1, ready.set)
        timer.start()
        client.sendall(bytes(5_000_000))
        timer.join()
        return client.recv(5), sum(sizes)


def both_ways_at_once(tls: TLS) -> object:
    size = 3_000_000

    def side(sock: ssl.SSLSocket) -> bool:
        with sock:
            writer = threading.Thread(target=sock.sendall, args=(bytes(size),))
            writer.start()
            got = recv_exactly(sock, size)
            writer.join()
        return len(got) == size

    with serving(lambda listener: side(tls.accept(listener))) as address:
        return side(tls.connect(address))


# --- the handshake --------------------------------------------------------------------------------


def a_handshake_of_its_own(tls: TLS) -> object:
    with (
        serving(partial(echo, tls, do_handshake_on_connect=False)) as address,
        tls.connect(address, do_handshake_on_connect=False) as client,
    ):
        client.do_handshake()
        client.sendall(b"x")
        return client.recv(5), client.do_handshake_on_connect


def without_any_call_of_do_handshake(tls: TLS) -> object:
    with (
        serving(partial(echo, tls, do_handshake_on_connect=False)) as address,
        tls.connect(address, do_handshake_on_connect=False) as client,
    ):
        client.sendall(b"x")
        return client.recv(5)


def wrapped_before_it_connects(tls: TLS) -> object:
    with (
        serving(partial(echo, tls)) as address,
        tls.client.wrap_socket(socket.socket(), server_hostname=NAME) as client,
    ):
        client.connect(address)
        client.sendall(b"x")
        return client.recv(5)


def a_session_is_resumed(tls: TLS) -> object:
    def serve(listener: socket.socket) -> None:
        for _ in range(2):
            echo(tls, listener)

    with serving(serve) as address:
        with tls.connect(address) as client:
            client.sendall(b"x")
            client.recv(5)
            session = client.session
        with tls.connect(address, session=session) as client:
            client.sendall(b"y")
            return client.recv(5), client.session_reused


def a_client_that_sends_garbage(tls: TLS) -> object:
    said: list[object] = []

    def serve(listener: socket.socket) -> None:
        try:
            tls.accept(listener)
        except ssl.SSLError as error:
            said.append((type(error).__name__, error.reason))

    with serving(serve) as address, socket.create_connection(address, LIMIT) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with suppress(ConnectionError):
            client.recv(100)  # an alert
    return said


def a_client_that_leaves_in_the_handshake(tls: TLS) -> object:
    said: list[object] = []

    def serve(listener: socket.socket) -> None:
        try:
            tls.accept(listener)
        except OSError as error:
            said.append(type(error).__name__)

    with serving(serve) as address:
        socket.create_connection(address, LIMIT).close()
    return said


def a_certificate_that_nobody_knows(tls: TLS) -> object:
    said: list[object] = []

    def serve(listener: socket.socket) -> None:
        try:
            echo(tls, listener)
        except ssl.SSLError as error:
            said.append(error.reason)

    with serving(serve) as address, socket.create_connection(address, LIMIT) as raw:
        try:
            ssl.create_default_context().wrap_socket(raw, server_hostname=NAME)
        except ssl.SSLCertVerificationError as error:
            said.append((error.reason, raw.fileno()))
    return sorted(map(str, said))


def wrong_arguments(tls: TLS) -> object:
    said = []
    with (
        serving(partial(echo, tls)) as address,
        socket.create_connection(address) as raw,
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
    ):
        for wrong in (
            lambda: tls.client.wrap_socket(raw),
            lambda: tls.server.wrap_socket(raw, server_side=True, server_hostname=NAME),
            lambda: tls.client.wrap_socket(datagrams),
        ):
            try:
                wrong()
            except (ValueError, NotImplementedError) as error:
                said.append((str(error), raw.fileno() >= 0))
        with tls.client.wrap_socket(raw, server_hostname=NAME) as client:
            said.append((raw.fileno(), client.fileno() >= 0, repr(client)[:14]))
            said.append((type(client).__name__, isinstance(client, socket.socket)))
    return said


# --- how it ends ----------------------------------------------------------------------------------


def unwrap_on_both_sides(tls: TLS) -> object:
    said = []

    def serve(listener: socket.socket) -> None:
        with tls.accept(listener) as conn:
            said.append(conn.recv(5))
            plain = conn.unwrap()
            said.append(plain.recv(5))
            plain.sendall(b"plain, too")

    with serving(serve) as address, tls.connect(address) as client:
        plain = client.unwrap()
        assert plain is client
        plain.sendall(b"plain")
        return plain.recv(10), said


def an_end_without_notice(tls: TLS) -> object:
    said: list[object] = []

    def serve(listener: socket.socket) -> None:
        for ragged in (True, False):
            with tls.accept(listener, suppress_ragged_eofs=ragged) as conn:
                conn.sendall(b"x")
                try:
                    said.append(conn.recv(5))
                    said.append(conn.recv_into(bytearray(5)))
                except ssl.SSLError as error:
                    said.append(type(error).__name__)

    with serving(serve) as address:
        for _ in range(2):
            with tls.connect(address) as client:
                client.recv(5)  # unread tickets would make close() a reset
    return said


def shutdown_by_another_thread(tls: TLS) -> object:
    with serving(partial(echo, tls)) as address, tls.connect(address) as client:
        client.sendall(b"x")
        got = [client.recv(1)]

        def read() -> None:
            with suppress(ConnectionResetError, ValueError):  # as it happens
                got.append(client.recv(5))
            got.append(b"")

        reader = threading.Thread(target=read)
        reader.start()
        client.shutdown(socket.SHUT_RDWR)
        reader.join()
        return set(got)


# --- timeouts, and no wait at all -----------------------------------------------------------------


def the_words_of_a_timeout(tls: TLS) -> object:
    said, ready = [], threading.Event()

    def serve(listener: socket.socket) -> None:
        with closing(listener.accept()[0]), tls.accept(listener):
            ready.wait(LIMIT)

    with serving(serve) as address:
        with socket.create_connection(address, 0.02) as raw:
            try:
                tls.client.wrap_socket(raw, server_hostname=NAME)
            except TimeoutError as error:
                said.append(str(error).rpartition(": ")[2])
        with tls.connect(address) as client:
            client.settimeout(0.02)
            for call in (client.recv, client.read, client.unwrap):
                try:
                    call()
                except TimeoutError as error:
                    said.append(str(error))
        ready.set()
    return said


def a_sendall_whose_time_is_up(tls: TLS) -> object:
    ready = threading.Event()

    def serve(listener: socket.socket) -> None:
        with tls.accept(listener):
            ready.wait(LIMIT)

    with serving(serve) as address, tls.connect(address) as client:
        client.settimeout(0.02)
        try:
            client.sendall(bytes(20_000_000))
        except TimeoutError as error:
            return str(error)
        finally:
            ready.set()


def without_waiting(tls: TLS) -> object:
    size = 4_000_000

    def serve(listener: socket.socket) -> None:
        with tls.accept(listener) as conn:
            conn.sendall(recv_exactly(conn, size)[:5])
            conn.recv(1)

    with serving(serve) as address, tls.connect(address) as client:
        client.setblocking(False)
        data, waits = memoryview(bytes(size)), 0
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ)

            def until_done(call: Callable[[Any], Any], argument: Any) -> Any:
                nonlocal waits
                while True:
                    try:
                        return call(argument)
                    except ssl.SSLWantReadError:
                        selector.modify(client, selectors.EVENT_READ)
                    except ssl.SSLWantWriteError:
                        selector.modify(client, selectors.EVENT_WRITE)
                    waits += 1
                    assert selector.select(LIMIT)

            while data:
                data = data[until_done(client.send, data) :]
            got = until_done(client.recv, 5)
        return got, waits > 0, client.getblocking()


# --- what others build on it ----------------------------------------------------------------------


def https(tls: TLS) -> object:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *arguments: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = False  # it waits for them at its end

    with Server(HERE, Handler) as server:
        server.socket = tls.server.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        client = http.client.HTTPSConnection(
            NAME, server.server_port, timeout=LIMIT, context=tls.client
        )
        with closing(client):
            client.request("GET", "/")
            body = client.getresponse().read()
        server.shutdown()
        thread.join()
    return body


def starttls(tls: TLS) -> object:
    heard = []

    def serve(listener: socket.socket) -> None:
        conn: Any = listener.accept()[0]
        conn.settimeout(LIMIT)
        conn.sendall(b"220 here\r\n")
        while True:
            with conn.makefile("rb", 0) as file:
                line = file.readline().split()
            heard.append(line[0])
            if line[0] == b"ehlo":
                conn.sendall(b"250-here\r\n250 STARTTLS\r\n")
            elif line[0] == b"STARTTLS":
                conn.sendall(b"220 go\r\n")
                conn = tls.server.wrap_socket(conn, server_side=True)
            else:
                conn.sendall(b"221 bye\r\n")
                break
        conn.close()

    with serving(serve) as address, smtplib.SMTP(*address, timeout=LIMIT) as client:
        client.starttls(context=tls.client)
        client.ehlo()
        version = client.sock.version()  # type: ignore[union-attr]
    return heard, version


def asyncio_on_both_sides(tls: TLS) -> object:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def main() -> bytes:
        async with await asyncio.start_server(handle, *HERE, ssl=tls.server) as server:
            address = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(
                *address, ssl=tls.client, server_hostname=NAME
            )
            writer.write(b"hello\n")
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    return asyncio.run(main())


def an_asyncio_server(tls: TLS) -> object:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def main() -> bytes:
        async with await asyncio.start_server(handle, *HERE, ssl=tls.server) as server:
            return await asyncio.to_thread(ask, server.sockets[0].getsockname())

    def ask(address: Any) -> bytes:
        with tls.connect(address) as client:
            client.sendall(b"hello\n")
            return client.recv(100)

    return asyncio.run(main())


def through_a_proxy(tls: TLS) -> object:
    """It passes on what it cannot read."""

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(1000):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    with serving(partial(echo, tls)) as behind:

        def proxy(listener: socket.socket) -> None:
            with closing(listener.accept()[0]) as near, socket.create_connection(behind) as far:
                there = threading.Thread(target=pass_on, args=(near, far))
                there.start()
                pass_on(far, near)
                there.join()

        with serving(proxy) as address, tls.connect(address) as client:
            client.sendall(b"hello")
            return client.recv(5)


PROGRAMS: list[Callable[[TLS], object]] = [
    every_method,
    lines_of_a_file,
    five_megabytes_to_a_slow_reader,
    both_ways_at_once,
    a_handshake_of_its_own,
    without_any_call_of_do_handshake,
    wrapped_before_it_connects,
    a_session_is_resumed,
    a_client_that_sends_garbage,
    a_client_that_leaves_in_the_handshake,
    a_certificate_that_nobody_knows,
    wrong_arguments,
    unwrap_on_both_sides,
    an_end_without_notice,
    shutdown_by_another_thread,
    the_words_of_a_timeout,
    a_sendall_whose_time_is_up,
    without_waiting,
    https,
    starttls,
    asyncio_on_both_sides,
    an_asyncio_server,
    through_a_proxy,
]
