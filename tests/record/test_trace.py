"""Order is causal: what is recorded of one program is the same in every run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from load import busy_cores

from helpers import LiveServer, recording
from helpers.record.events import Event

RUNS = 200
HERE = ("127.0.0.1", 0)


def comparable(events: tuple[Event, ...]) -> tuple[tuple[Any, ...], ...]:
    """All that an event says, with its numbers and ports replaced by their place in the trace.

    A number does not tell a port. A TCP and a UDP socket may have the same, and so may clients of
    different servers, at the same time: the system looks at both ends of a connection.
    """
    places = {event.number: place for place, event in enumerate(events)}
    sockets: dict[int, int] = {}
    ports: dict[tuple[Any, ...], str] = {}
    datagram = {event.socket for event in events if "SOCK_DGRAM" in event.arguments}
    servers = {event.local for event in events if event.call == "listen"}

    def port(address: tuple[Any, ...], event: Event) -> tuple[Any, ...]:
        if event.socket in datagram:
            return "UDP", address
        if address in servers:
            return "TCP", address
        (server,) = servers.intersection((event.local, event.peer, *event.arguments))
        return "TCP", address, server

    def plain(value: Any, event: Event) -> Any:
        if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], int):
            return value[0], ports.setdefault(port(value, event), f"port {len(ports)}")
        if isinstance(value, tuple):
            return tuple(plain(each, event) for each in value)
        return value

    def socket_number(number: int | None) -> int | None:
        return None if number is None else sockets.setdefault(number, len(sockets))

    return tuple(
        (
            event.clock,
            event.began,
            event.actor.name,
            socket_number(event.socket),
            event.name,
            event.role,
            event.call,
            plain(event.arguments, event),
            event.outcome,
            plain(event.result, event),
            socket_number(event.made),
            event.error,
            event.data,
            event.size,
            plain(event.local, event),
            plain(event.peer, event),
            tuple((places[cause.event], cause.kind, cause.size) for cause in event.causes),
            event.note,
            event.waited,
        )
        for event in events
    )


def scene() -> tuple[Event, ...]:
    """A server and two clients at once: an echo, a half-close, a reset, an end; and a datagram."""

    def echo_server() -> None:
        with socket.create_server(HERE) as listener:
            while True:
                conn, _ = listener.accept()
                with conn:
                    while data := conn.recv(1024):
                        conn.sendall(data.upper())
                    conn.sendall(b"bye")

    def careless_server() -> None:
        with socket.create_server(HERE) as listener:
            conn, _ = listener.accept()
            conn.recv(1)
            conn.close()  # with unread data: a reset

    def datagram_queue() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(HERE)
            while True:
                data, address = sock.recvfrom(100)
                sock.sendto(data, address)

    with (
        recording() as recorded,
        LiveServer(echo_server) as echo,
        LiveServer(careless_server) as careless,
        LiveServer(datagram_queue) as post,
    ):
        with (
            socket.create_connection(echo.address) as first,
            socket.create_connection(echo.address) as second,
        ):
            for data in (b"one", b"two", b"three"):
                first.sendall(data)
                assert first.recv(1024) == data.upper()
            second.sendall(b"waits in the queue")
            first.shutdown(socket.SHUT_WR)
            assert first.recv(1024) == b"bye"
            assert first.recv(1024) == b""
            assert second.recv(1024) == b"WAITS IN THE QUEUE"
            echo.settle()
        with socket.create_connection(careless.address) as client:
            client.sendall(b"unread")
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"datagram", post.address)
            sender.recvfrom(100)
        careless.result()
        for server in (echo, post):
            server.stop()
        return recorded.events


@pytest.fixture
def _busy() -> Iterator[None]:
    with busy_cores():
        yield


@pytest.mark.usefixtures("_busy")
@pytest.mark.parametrize("runs", [RUNS // 4, pytest.param(RUNS, marks=pytest.mark.weekly)])
def test_the_trace_of_a_program_is_the_same_in_every_run(runs: int) -> None:
    events = scene()
    assert {each.call for each in events} >= {"accept", "connect", "recv", "shutdown", "recvfrom"}
    first = comparable(events)
    for run in range(1, runs):
        assert comparable(scene()) == first, f"run {run} differs"


def test_ports_of_the_same_number_are_told_apart() -> None:
    """Here the clients of the two servers, and the sender of the datagram, have the same."""
    events = scene()
    first, *_ = (each for each in events if each.call == "connect")
    servers = {each.local for each in events if each.call in ("listen", "bind")}
    others = servers - {first.peer}
    moved = {e.socket for e in events if others & {e.local, e.peer, *e.arguments}}

    def renumbered(event: Event) -> Event:
        def plain(value: Any) -> Any:
            if not isinstance(value, tuple) or value in servers or value == HERE:
                return value
            return value[0], first.local[1]

        if event.socket not in moved:
            return event
        return replace(
            event,
            arguments=tuple(map(plain, event.arguments)),
            result=plain(event.result),
            local=plain(event.local),
            peer=plain(event.peer),
        )

    assert comparable(tuple(map(renumbered, events))) == comparable(events)


@pytest.mark.usefixtures("_busy")
def test_two_clients_at_once_in_threads_of_their_own_have_the_same_trace() -> None:
    """What each of them did is the same, however the threads were scheduled."""

    def client(address: tuple[str, int], text: bytes) -> None:
        with socket.create_connection(address) as sock:
            sock.sendall(text)
            sock.recv(100)

    def each_its_own() -> None:
        with socket.create_server(HERE) as listener:
            while True:
                thread = threading.Thread(target=handle, args=listener.accept(), name="handler")
                thread.start()

    def handle(conn: socket.socket, address: object) -> None:
        with conn:
            while data := conn.recv(100):
                conn.sendall(data)

    def run() -> list[list[tuple[Any, ...]]]:
        with recording() as recorded, LiveServer(each_its_own) as server:
            threads = [
                threading.Thread(target=client, args=(server.address, name.encode()), name=name)
                for name in ("ada", "bob")
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            server.settle()
            events = recorded.events
            return [
                [(each.call, each.data, each.size) for each in events if each.actor.name == name]
                for name in ("ada", "bob")
            ]

    first = run()
    assert [calls[-2:] for calls in first] == [
        [("recv", b"ada", 3), ("close", b"", 0)],
        [("recv", b"bob", 3), ("close", b"", 0)],
    ]
    for _ in range(20):
        assert run() == first
