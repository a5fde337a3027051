"""Peers that misbehave: each does to a server what its name says, in every run alike."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from servers import HERE

from helpers import LiveServer, peers
from helpers.record.events import Event
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


def collect(listener: socket.socket) -> tuple[list[bytes], str]:
    """Serve one client: what each recv() gave, and how it ended."""
    conn, _ = listener.accept()
    pieces = []
    with conn:
        try:
            while data := conn.recv(1024):
                pieces.append(data)
        except ConnectionResetError:
            return pieces, "reset"
    return pieces, "end"


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with socket.create_server(HERE) as listener, LiveServer(collect, listener) as live:
        yield live


@pytest.fixture
def client(server: LiveServer) -> Iterator[socket.socket]:
    with peers.connect(server.address) as sock:
        yield sock


@pytest.mark.ipv6_only
def test_a_client_takes_the_family_of_the_address() -> None:
    both = socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    with both, LiveServer(collect, both) as live:
        assert live.address[0] == "::1"
        with peers.connect(live.address) as client:
            assert client.getpeername() == live.address


def test_one_byte_at_a_time_arrives_one_byte_at_a_time(
    server: LiveServer, client: socket.socket
) -> None:
    peers.one_byte_at_a_time(client, "안!".encode(), server)
    peers.half_close(client, server)
    assert server.result() == ([b"\xec", b"\x95", b"\x88", b"!"], "end")


def test_glued_messages_arrive_as_one(server: LiveServer, client: socket.socket) -> None:
    peers.glued(client, [b"one", b"two"], server)
    client.close()
    assert server.result() == ([b"onetwo"], "end")


def test_a_character_is_cut_in_half(server: LiveServer, client: socket.socket) -> None:
    peers.cut_in_half(client, "a안녕", server)
    client.close()
    assert server.result() == ([b"a\xec", b"\x95\x88\xeb\x85\x95"], "end")


def test_a_text_that_cannot_be_cut_is_refused(server: LiveServer, client: socket.socket) -> None:
    with pytest.raises(ValueError, match="Each character of 'abc' is one byte"):
        peers.cut_in_half(client, "abc", server)
    client.close()


def test_a_silent_client_stays(server: LiveServer, client: socket.socket) -> None:
    peers.silent(client, server)
    assert server.settle().where.reason.startswith("waiting in recv()")
    peers.half_close(client, server)
    assert server.result() == ([], "end")


def test_a_close_without_data_is_an_end(server: LiveServer) -> None:
    peers.close_without_data(peers.connect(server.address), server)
    assert server.result() == ([], "end")


def test_a_reset_in_the_middle_is_a_reset(server: LiveServer, client: socket.socket) -> None:
    peers.in_pieces(client, [b"in the mid"], server)
    peers.reset(client, server)
    assert server.result() == ([b"in the mid"], "reset")


def test_a_slow_reader_makes_the_sender_wait_and_gets_it_all() -> None:
    data = bytes(range(256)) * 8192

    def send_much(listener: socket.socket) -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(data)

    with socket.create_server(HERE) as listener, LiveServer(send_much, listener) as server:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        with peers.connect(listener.getsockname(), peers.TINY_BUFFER) as client:
            server.settle()
            assert server.where.call == "sendall"
            assert peers.slow_reader(client, server, 65536) == data


def echo(listener: socket.socket) -> None:
    conn, _ = listener.accept()
    with conn:
        while data := conn.recv(65536):
            conn.sendall(data)


def test_fill_sends_until_nothing_more_goes_and_reads_nothing() -> None:
    with socket.create_server(HERE) as listener, LiveServer(echo, listener) as server:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        with peers.connect(listener.getsockname(), peers.TINY_BUFFER) as client:
            client.settimeout(5)
            assert peers.fill(client, server) > 65536
            assert server.where.call == "sendall"
            assert client.gettimeout() == 5
            assert peers.fill(client, server) == 0
            client.close()
            with pytest.raises(ConnectionError):
                server.result()


def test_fill_ends_where_everything_is_taken(server: LiveServer, client: socket.socket) -> None:
    assert 100_000 <= peers.fill(client, server, most=100_000) < 200_000


def test_a_flood_comes_back_whole() -> None:
    data = bytes(range(256)) * 19532
    with socket.create_server(HERE) as listener, LiveServer(echo, listener) as server:
        with peers.connect(listener.getsockname()) as client:
            came = peers.flood(client, data, server)
            client.shutdown(socket.SHUT_WR)
            while received := client.recv(65536):
                came += received
        assert came == data


def test_in_reverse_the_last_client_speaks_first() -> None:
    with socket.create_server(HERE) as listener, LiveServer(echo, listener) as server:
        clients = peers.arrive(listener.getsockname(), 3, server)
        peers.in_reverse(clients, [b"first", b"second", b"third"], server)
        sends = [
            (event.data, event.name)
            for event in record.events()
            if event.call == "sendall" and event.actor.kind == "cell"
        ]
        assert [data for data, _ in sends] == [b"th", b"sec", b"fi", b"ird", b"ond", b"rst"]
        assert clients[0].recv(5) == b"first"  # the only one that this server serves
        for client in clients:
            client.close()


def test_a_client_that_cannot_connect_leaves_nothing_open() -> None:
    with socket.socket() as bound:
        bound.bind(HERE)
        with pytest.raises(ConnectionRefusedError):
            peers.connect(bound.getsockname())


def test_they_do_the_same_in_every_run() -> None:
    def run() -> list[tuple[str, str, bytes]]:
        def told(event: Event) -> tuple[str, str, bytes]:
            return event.actor.name, event.call, event.data

        with socket.create_server(HERE) as listener, LiveServer(collect, listener) as server:
            server.settle()
            cursor = record.log.read().cursor
            with peers.connect(listener.getsockname()) as client:
                peers.one_byte_at_a_time(client, b"hello", server)
                peers.reset(client, server)
            server.result()
        return [told(event) for event in record.read(cursor).events]

    first = run()
    assert len(first) > 10
    assert all(run() == first for _ in range(20))
