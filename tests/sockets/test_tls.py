"""A TLS socket is recorded as any other: its calls, its waits, and what crosses."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from functools import partial

import pytest
from servers import HERE, calls, marked_line
from tls_programs import (
    NAME,
    PROGRAMS,
    TLS,
    a_client_that_sends_garbage,
    echo,
    five_megabytes_to_a_slow_reader,
    serving,
    through_a_proxy,
    unwrap_on_both_sides,
    without_waiting,
)

from helpers import LiveServer, recording, timeline
from helpers.record.model import Deadlock
from helpers.record.record import record
from helpers.record.waiting import QUIET_TIME
from helpers.text import error_text


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_sees_the_same_plain_and_recorded(
    tls: TLS, program: Callable[[TLS], object]
) -> None:
    seen = []
    for way in (nullcontext, recording):
        with way():
            seen.append(program(tls))
    assert seen[0] == seen[1]
    assert not record.wire.endpoints


# --- a live server, and where it stands -----------------------------------------------------------


@pytest.fixture
def tls_echo(tls: TLS, recorded: None) -> Iterator[LiveServer]:
    def tls_echo() -> None:
        with socket.create_server(HERE) as listener:
            conn, _ = listener.accept()
            with tls.server.wrap_socket(conn, server_side=True) as secured:
                while data := secured.recv(1000):
                    secured.sendall(data)

    with LiveServer(tls_echo) as server:
        yield server


@pytest.fixture
def wrapped_listener(tls: TLS, recorded: None) -> Iterator[LiveServer]:
    def wrapped_listener() -> None:
        with socket.create_server(HERE) as plain:
            listener = tls.server.wrap_socket(plain, server_side=True)
            with listener:
                while True:
                    conn, _ = listener.accept()
                    with conn:
                        conn.sendall(conn.recv(1000))

    with LiveServer(wrapped_listener) as server:
        yield server


def test_the_ladder_goes_on_inside_tls(tls: TLS, tls_echo: LiveServer) -> None:
    with tls.connect(tls_echo.address) as client:
        client.settimeout(None)
        client.sendall(b"hello")
        assert client.recv(9) == b"hello"
        assert "waiting in recv() for 127.0.0.1" in str(tls_echo.settle().where)
        assert "secured.recv(1000)" in marked_line(tls_echo)
        drawn = str(timeline())
        assert "listener.accept() → conn" in drawn
        assert "context.wrap_socket(conn" in drawn
        for call in (
            "secured.do_handshake()",
            "client.do_handshake()",
            "client.recv(9) → b'hello'",
        ):
            assert call in drawn
        assert drawn.count("5 bytes") == 2
        with pytest.raises(Deadlock, match=r"tls_echo +waits in secured.recv\(1000\)"):
            client.recv(9)
    tls_echo.result()


def test_a_silent_client_is_waited_for_and_the_wait_can_be_ended(tls_echo: LiveServer) -> None:
    address = tls_echo.address
    with socket.create_connection(address) as client:
        here = f"127.0.0.1:{client.getsockname()[1]}"
        where, times = str(tls_echo.settle().where), []
        for _ in range(3):  # the machine may be busy
            began = time.monotonic()
            assert str(tls_echo.where) == where
            timeline()
            times.append(time.monotonic() - began)
        assert min(times) < 4 * QUIET_TIME
        assert f"waiting in do_handshake() for {here} to do its part of the TLS handshake" in where
        assert "tls.server.wrap_socket(conn" in marked_line(tls_echo)
        with pytest.raises(Deadlock, match=r"waits in \w+\.do_handshake\(\)"):
            client.recv(1)  # it should have begun
        tls_echo.stop()
    socket.create_server(address).close()


@pytest.mark.parametrize("clients", [0, 1])
def test_a_wrapped_listener_waits_and_stops_as_a_plain_one(
    tls: TLS, wrapped_listener: LiveServer, clients: int
) -> None:
    address = wrapped_listener.address
    for _ in range(clients):
        with tls.connect(address) as client:
            client.sendall(b"x")
            assert client.recv(5) == b"x"
    assert "waiting in accept() for a client" in str(wrapped_listener.settle().where)
    wrapped_listener.stop()
    socket.create_server(address).close()


def test_a_server_in_the_handshake_of_a_wrapped_listener_stops(
    wrapped_listener: LiveServer,
) -> None:
    with socket.create_connection(wrapped_listener.address):
        assert wrapped_listener.settle().where.call == "do_handshake"
        wrapped_listener.stop()


def test_a_server_that_waits_for_the_end_of_tls_stops(tls: TLS, recorded: None) -> None:
    def polite() -> None:
        with socket.create_server(HERE) as listener, tls.accept(listener) as conn:
            conn.settimeout(None)
            conn.unwrap()

    with LiveServer(polite) as server, tls.connect(server.address) as client:
        assert "waiting in unwrap() for 127.0.0.1" in str(server.settle().where)
        assert client.recv(5) == b""
        client.settimeout(None)
        with pytest.raises(Deadlock, match="to end TLS, too"):
            server.result()
        server.stop()


def test_a_sender_that_nobody_reads_is_a_deadlock(tls: TLS, tls_echo: LiveServer) -> None:
    with tls.connect(tls_echo.address) as client:
        client.settimeout(None)
        with pytest.raises(Deadlock, match=r"secured\.sendall"):
            client.sendall(bytes(30_000_000))
        tls_echo.stop()


def test_a_reader_that_another_thread_ends_reads_the_end(tls: TLS, recorded: None) -> None:
    got: list[bytes] = []
    with serving(partial(echo, tls)) as address, tls.connect(address) as client:
        client.sendall(b"x")
        client.recv(1)

        def read() -> None:
            with suppress(ConnectionResetError):  # by an alert, which comes too late
                got.append(client.recv(5))

        reader = threading.Thread(target=read)
        reader.start()
        while not any(each.socket == client._info.number for each in record.waiting_calls()):
            pass
        client.shutdown(socket.SHUT_RDWR)
        reader.join()
    assert got in ([b""], [])


def test_a_cell_alone_does_not_hang(tls: TLS, listener: socket.socket) -> None:
    raw = socket.create_connection(listener.getsockname())
    with pytest.raises(Deadlock, match="nobody is left who could answer") as caught:
        tls.client.wrap_socket(raw, server_hostname=NAME)
    assert raw.fileno() < 0
    assert "still open" not in str(caught.value)
    assert record.waiting_calls() == ()


# --- what crosses ---------------------------------------------------------------------------------


def sent_to_received() -> list[tuple[bytes, bytes]]:
    """For each receive of data: what was sent, and what came."""
    events = {each.number: each for each in record.events()}
    return [
        (events[cause.event].data, each.data)
        for each in events.values()
        for cause in each.causes
        if cause.kind == "data"
    ]


def test_bytes_are_counted_as_the_program_sees_them(tls: TLS, recorded: None) -> None:
    with serving(partial(echo, tls)) as address, tls.connect(address) as client:
        for word in (b"one", b"two"):
            client.sendall(word)
            client.read()
    assert sent_to_received() == [(word, word) for word in (b"one", b"one", b"two", b"two")]
    (last,) = [each for each in calls("recv") if not each.data]
    assert [cause.kind for cause in last.causes] == ["end"]


@pytest.mark.parametrize("program", [without_waiting, five_megabytes_to_a_slow_reader])
def test_a_write_that_had_to_wait_is_counted_once(
    tls: TLS, recorded: None, program: Callable[[TLS], object]
) -> None:
    program(tls)
    sizes = {"in": 0, "out": 0}
    for each in record.events():
        if each.call in ("send", "sendall"):
            sizes["out"] += each.size
        elif each.call == "recv":
            sizes["in"] += each.size
    crossed = sum(cause.size for each in record.events() for cause in each.causes)
    assert sizes["in"] == crossed
    assert sizes["out"] >= crossed


def test_where_one_end_is_no_tls_socket_no_more_is_said(tls: TLS, recorded: None) -> None:
    through_a_proxy(tls)
    numbers = {each.number: each for each in record.events()}
    for each in calls("recv"):
        causes = [numbers[cause.event] for cause in each.causes if cause.kind == "data"]
        assert all(each.data[:1] == cause.data[:1] for cause in causes)


def test_the_end_of_tls_crosses_and_the_connection_goes_on(tls: TLS, recorded: None) -> None:
    unwrap_on_both_sides(tls)
    events = record.events()
    unwraps = [each for each in events if each.call == "unwrap"]
    (end,) = [each for each in events if each.call == "recv" and not each.data]
    assert end.clock > min(each.began for each in unwraps)
    assert all(each.waited or each.actor == end.actor for each in unwraps)
    assert (b"plain", b"plain") in sent_to_received()


def test_no_call_stands_above_its_cause(tls: TLS, recorded: None) -> None:
    with serving(partial(echo, tls)) as address, tls.connect(address) as client:
        client.sendall(b"x")
        client.recv(5)
    order = {each.number: place for place, each in enumerate(record.events())}
    for each in record.events():
        assert all(order[cause.event] < order[each.number] for cause in each.causes)


def test_an_error_is_told_without_the_line_of_python_s_own_source(tls: TLS, recorded: None) -> None:
    a_client_that_sends_garbage(tls)
    (shaken,) = calls("do_handshake")
    assert shaken.error == "SSLError: [SSL: HTTP_REQUEST] http request"
    assert error_text(TimeoutError("_ssl.c:983: The handshake operation timed out")) == (
        "TimeoutError: The handshake operation timed out"
    )


# --- the class, in place and gone again -----------------------------------------------------------


def test_the_plain_class_comes_back() -> None:
    plain = ssl.SSLContext.sslsocket_class
    with recording():
        assert ssl.SSLContext.sslsocket_class is not plain
        with recording():
            pass
        assert ssl.SSLContext.sslsocket_class is not plain
    assert ssl.SSLContext.sslsocket_class is plain is ssl.SSLSocket


def test_a_context_with_a_class_of_its_own_keeps_it(tls: TLS, recorded: None) -> None:
    class Own(ssl.SSLSocket):
        pass

    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    own.sslsocket_class = Own
    with serving(partial(echo, tls)) as address:
        raw = socket.create_connection(address)
        with closing(own.wrap_socket(raw)) as client:
            assert type(client) is Own
            client.sendall(b"x")
            assert client.recv(5) == b"x"


def test_a_socket_that_is_not_recorded_is_wrapped_as_ever(tls: TLS) -> None:
    here, there = socket.socketpair()
    with recording() as seen:
        thread = threading.Thread(
            target=lambda: tls.server.wrap_socket(there, server_side=True).close()
        )
        thread.start()
        with tls.client.wrap_socket(here, server_hostname=NAME) as client:
            assert client.recv(5) == b""
        thread.join()
    assert seen.events == ()
