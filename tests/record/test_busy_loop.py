"""A loop that makes no progress is slowed down, so that others go first."""

from __future__ import annotations

import select
import socket
from contextlib import suppress

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
