"""A loop that makes no progress is slowed down, so that others go first."""

from __future__ import annotations

import select
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest
from servers import HERE, Connection

from helpers import LiveServer
from helpers.record.busy_loop import BUSY_LOOP, THROTTLE
from helpers.record.record import record
from helpers.record.socket_info import info_of


def test_an_end_counts_what_its_calls_met(connection: Connection) -> None:
    client, conn = connection
    with conn:
        info = info_of(conn)
        assert info is not None
        end = info.endpoint
        assert end is not None
        conn.setblocking(False)
        for _ in range(2):
            with pytest.raises(BlockingIOError):
                conn.recv(1)
        conn.setblocking(True)
        client.close()
        for _ in range(3):
            assert conn.recv(1) == b""
        conn.sendall(b"the answer is a reset")
        with pytest.raises(ConnectionError):
            conn.sendall(b"x")
    assert (end.would_block_count, end.eof_reads, end.connection_errors) == (2, 3, 1)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that a loop makes which has called in vain more than twice in a row."""
    made: list[float] = []
    monkeypatch.setattr("helpers.record.busy_loop.time.sleep", made.append)
    monkeypatch.setattr("helpers.record.busy_loop.BUSY_LOOP", 2)
    monkeypatch.setattr("helpers.record.busy_loop.THROTTLE_EVERY", 1)
    record.actors.state().no_progress = 0
    return made


def test_a_loop_that_finds_nothing_lets_others_go_first(
    connection: Connection, pauses: list[float]
) -> None:
    client, conn = connection
    with conn, client:
        conn.setblocking(False)
        for tries in range(5):
            assert len(pauses) == max(0, tries - 2)
            with pytest.raises(BlockingIOError):
                conn.recv(1)
        assert pauses == [THROTTLE] * 3
        client.sendall(b"x")  # something has moved: it is a loop no more
        for _ in range(2):
            with pytest.raises(BlockingIOError):
                client.recv(1, socket.MSG_DONTWAIT)
    assert pauses == [THROTTLE] * 3


def test_a_loop_that_reads_the_end_lets_others_go_first(
    connection: Connection, pauses: list[float]
) -> None:
    client, conn = connection
    with conn:
        client.close()
        for _ in range(5):
            assert conn.recv(1) == b""
    assert pauses == [THROTTLE] * 3


@pytest.mark.parametrize("way", ["select", pytest.param("poll", marks=pytest.mark.posix_only)])
def test_a_loop_around_a_select_that_does_not_wait_lets_others_go_first(
    connection: Connection, pauses: list[float], way: str
) -> None:
    def server(conn: socket.socket) -> None:
        poller = None
        if way == "poll":
            poller = select.poll()
            poller.register(conn, select.POLLIN)
        for _ in range(5):
            found = poller.poll(0) if poller else select.select([conn], [], [], 0)[0]
            assert found == []

    client, conn = connection
    with client, conn:
        LiveServer(server, conn).start().result()
    assert pauses == [THROTTLE] * 3


Turns = Callable[[socket.socket], AbstractContextManager[Callable[[], object]]]


@contextmanager
def turns_of_select(sock: socket.socket) -> Iterator[Callable[[], object]]:
    yield lambda: select.select([], [sock], [])


@contextmanager
def turns_of_a_selector(sock: socket.socket) -> Iterator[Callable[[], object]]:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        yield selector.select


@contextmanager
def turns_of_poll(sock: socket.socket) -> Iterator[Callable[[], object]]:
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    yield poller.poll


@pytest.mark.parametrize(
    "turns",
    [
        turns_of_select,
        turns_of_a_selector,
        pytest.param(turns_of_poll, marks=pytest.mark.posix_only),
    ],
)
@pytest.mark.parametrize("sends", [False, True])
def test_a_loop_that_asks_for_room_and_has_nothing_to_send_lets_others_go_first(
    connection: Connection,
    pauses: list[float],
    turns: Turns,
    sends: bool,
) -> None:
    def server(conn: socket.socket) -> None:
        with turns(conn) as turn:
            for _ in range(6):
                assert turn()
                if sends:
                    assert conn.send(b"") == 0

    client, conn = connection
    with client, conn:
        LiveServer(server, conn).start().result()
    assert pauses == [THROTTLE] * (4 if sends else 3)


@pytest.mark.parametrize("turns", [turns_of_select, turns_of_a_selector])
def test_a_loop_that_sends_where_there_is_room_is_no_busy_loop(
    connection: Connection,
    pauses: list[float],
    turns: Turns,
) -> None:
    def server(conn: socket.socket) -> None:
        with turns(conn) as turn:
            for _ in range(6):
                assert turn()
                conn.send(b"x")

    client, conn = connection
    with client, conn:
        LiveServer(server, conn).start().result()
    assert pauses == []


def test_a_selector_that_does_not_wait_and_finds_nothing_is_a_busy_loop(
    connection: Connection, pauses: list[float]
) -> None:
    def server(conn: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(conn, selectors.EVENT_READ)
            for _ in range(5):
                assert selector.select(timeout=0) == []

    client, conn = connection
    with client, conn:
        LiveServer(server, conn).start().result()
    assert pauses == [THROTTLE] * 3


def test_a_server_that_spins_is_stopped_at_once(recorded: None) -> None:
    """However many cores are idle: a second would be much."""

    def spins() -> None:
        with socket.create_server(HERE) as listener:
            listener.setblocking(False)
            while True:
                with suppress(BlockingIOError):
                    listener.accept()

    server = LiveServer(spins).start()
    assert server.address
    while server.actor.no_progress < BUSY_LOOP + 2:
        server.snapshot()
    server.stop(1)
    assert server.where.state == "finished"
