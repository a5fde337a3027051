"""A wait in select(), in a selector or in poll() is known as a wait."""

from __future__ import annotations

import select
import selectors
import socket
import threading
import time
from collections.abc import Callable

import pytest
from servers import Connection, connected

from helpers import Deadlock, LiveServer, patience, timeline

pytestmark = pytest.mark.usefixtures("recorded")


def test_a_select_without_a_limit_and_with_endless_patience_is_possible() -> None:
    here, there = socket.socketpair()
    patience(float("inf"))
    with here, there:
        there.sendall(b"x")
        wait_in_select(here)
        wait_in_a_selector(here)


def wait_in_select(sock: socket.socket) -> None:
    select.select([sock], [], [])


def wait_in_a_selector(sock: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        selector.select()


def wait_in_poll(sock: socket.socket) -> None:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    poller.poll()


@pytest.mark.parametrize(
    "way",
    [
        wait_in_select,
        wait_in_a_selector,
        pytest.param(wait_in_poll, marks=pytest.mark.posix_only),
    ],
)
def test_a_select_of_a_cell_without_a_limit_ends_with_the_patience(
    way: Callable[[socket.socket], None],
) -> None:
    here, there = socket.socketpair()
    patience(0.2)
    with here, there:
        with pytest.raises(Deadlock, match=r"this cell  waits in select\(\) until its socket is"):
            way(here)
        there.sendall(b"x")
        way(here)
        assert here.recv(1) == b"x"


def test_a_thread_that_waits_in_select_has_come_to_rest(listener: socket.socket) -> None:
    def serve() -> None:
        with listener.accept()[0] as conn:
            wait_in_a_selector(conn)
            conn.sendall(conn.recv(1))

    thread = threading.Thread(target=serve)
    thread.start()
    with connected(listener) as client:
        began = time.monotonic()
        timeline()
        assert time.monotonic() - began < 1
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    thread.join()


def test_what_was_closed_and_is_still_registered_keeps_no_server_from_its_rest(
    listener: socket.socket,
) -> None:
    """Its number may be that of another socket by now, which is ready all the time."""

    def server(listener: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            closed = socket.socket()
            selector.register(closed, selectors.EVENT_WRITE)
            number = closed.fileno()
            closed.close()
            here, there = socket.socketpair()
            with here, there:
                assert number in (here.fileno(), there.fileno())
                selector.select()

    with LiveServer(server, listener) as live:
        live.settle()
        assert live.where.call == "select"


@pytest.mark.linux_only
def test_who_is_told_of_each_change_once_comes_to_rest_beside_a_socket_that_is_ready(
    connection: Connection,
) -> None:
    def server(conn: socket.socket) -> None:
        with select.epoll() as poller:
            poller.register(conn, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
            assert poller.poll()  # there is room: that is told once
            poller.poll()

    client, conn = connection
    with client, conn, LiveServer(server, conn) as live:
        live.settle()
        assert live.where.call == "select"
