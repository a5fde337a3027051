"""A wait in select(), in a selector or in poll() is known as a wait."""

from __future__ import annotations

import select
import selectors
import socket
import threading
import time
from collections.abc import Callable

import pytest
from servers import connected

from helpers import Deadlock, patience, timeline

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
