"""A wait in select(), in a selector or in poll() is known as a wait."""

from __future__ import annotations

import hashlib
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from servers import Connection, connected

from helpers import Deadlock, LiveServer, patience, timeline
from helpers.sockets import selecting

pytestmark = pytest.mark.usefixtures("recorded")

_plain_epoll = getattr(select, "epoll", None)


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


class SlowEpoll:
    """An epoll object that tells, and whose thread then goes on late, as on busy cores."""

    def __init__(self) -> None:
        assert _plain_epoll
        self._plain = _plain_epoll()

    def poll(self, timeout: float | None = None) -> Any:
        told = self._plain.poll(timeout)
        if told and timeout != 0:
            hashlib.pbkdf2_hmac("sha256", b"", b"", 300_000)  # without the interpreter's lock
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


@pytest.mark.linux_only
@pytest.mark.parametrize("once", ["EPOLLET", "EPOLLONESHOT", "EPOLLIN"])
def test_who_was_told_once_and_is_late_is_waited_for(
    once: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def server(conn: socket.socket) -> None:
        with select.epoll() as poller:
            poller.register(conn, select.EPOLLIN | getattr(select, once))
            while poller.poll():
                conn.sendall(conn.recv(10))
                poller.modify(conn, select.EPOLLIN | getattr(select, once))

    monkeypatch.setitem(selecting._plain_polls, "epoll", SlowEpoll)
    client, conn = connection
    with client, conn, LiveServer(server, conn) as live:
        for _ in range(2):
            live.settle()
            client.sendall(b"hello")
            live.settle()
            client.settimeout(0)
            assert client.recv(10) == b"hello"
            client.settimeout(None)
