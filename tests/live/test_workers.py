"""The threads that a live server has started: where each of them stands."""

from __future__ import annotations

import functools
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from servers import echo

from helpers import LiveServer, peers

pytestmark = pytest.mark.usefixtures("recorded")


def serve(listener: socket.socket, work: Callable[[socket.socket], object]) -> None:
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=work, args=(conn,)).start()


def echo_to_any(conn: socket.socket) -> None:
    with suppress(ConnectionError):
        echo(conn)


def titles(server: LiveServer) -> list[str]:
    return [each.title for each in server.where.others]


def test_threads_at_one_place_are_one_block_with_its_source(listener: socket.socket) -> None:
    with LiveServer(serve, listener, echo) as server:
        clients = peers.arrive(server.address, 3, server)
        shown = str(server.where)
        assert titles(server) == ["3 threads, and each waits in recv()"]
        assert shown.count("--->") == 2
        assert "accept()" in shown.splitlines()[0]
        for client in clients:
            client.close()


def test_who_stands_elsewhere_is_a_block_of_its_own(listener: socket.socket) -> None:
    with LiveServer(serve, listener, echo_to_any) as server:
        client = peers.connect(server.address)
        other = peers.connect(server.address, receive_buffer=peers.TINY_BUFFER)
        other.settimeout(0)
        with suppress(BlockingIOError):
            while other.send(bytes(1_000_000)):
                server.settle()
        assert sorted(titles(server)) == ["a thread waits in recv()", "a thread waits in sendall()"]
        client.close()
        other.close()


def gets(conn: socket.socket, waiting: queue.Queue[bytes]) -> None:
    with conn:
        conn.sendall(waiting.get())


@pytest.mark.linux_only
def test_a_wait_for_another_thread_is_named_as_the_learner_has_called_it(
    listener: socket.socket,
) -> None:
    waiting: queue.Queue[bytes] = queue.Queue()
    server = LiveServer(serve, listener, lambda conn: gets(conn, waiting))
    with server, peers.connect(server.address) as client:
        assert titles(server) == ["a thread waits in get()"]
        waiting.put(b"word")
        assert client.recv(4) == b"word"


@pytest.mark.linux_only
def test_a_wait_for_a_lock_is_seen_without_a_name(listener: socket.socket) -> None:
    lock = threading.Lock()

    def locked(conn: socket.socket) -> None:
        with conn, lock:
            pass

    lock.acquire()
    with LiveServer(serve, listener, locked) as server, peers.connect(server.address) as client:
        assert titles(server) == ["a thread waits for another thread"]
        lock.release()
        assert client.recv(1) == b""


@pytest.mark.linux_only
@pytest.mark.parametrize(
    ("waits", "goes_on"),
    [
        ((event := threading.Event()).wait, event.set),
        ((places := threading.Semaphore(0)).acquire, places.release),
        ((items := queue.Queue[int]()).get, functools.partial(items.put, 1)),
    ],
)
def test_a_server_that_waits_for_another_thread_says_so(
    waits: Callable[[], object], goes_on: Callable[[], object]
) -> None:
    def work(sock: socket.socket) -> None:
        sock.recv(1)
        waits()

    here, there = socket.socketpair()
    with here, there:
        server = LiveServer(work, here).start()
        there.sendall(b"!")
        assert server.where.reason == f"waiting in {waits.__name__}() for another thread"
        goes_on()
        server.result()


def test_a_thread_with_a_name_is_called_by_it(listener: socket.socket) -> None:
    def named(listener: socket.socket) -> None:
        conn, _ = listener.accept()
        threading.Thread(target=echo, args=(conn,), name="<b>Ann").start()
        listener.accept()

    with LiveServer(named, listener) as server, peers.connect(server.address):
        assert titles(server) == ["thread '<b>Ann' waits in recv()"]
        assert "<b>Ann" not in server.where.html()


def test_the_threads_of_a_pool_that_wait_for_work_are_not_shown(listener: socket.socket) -> None:
    def pooled(listener: socket.socket) -> None:
        with ThreadPoolExecutor(4) as pool:
            while True:
                pool.submit(echo, listener.accept()[0])

    with LiveServer(pooled, listener) as server:
        clients = peers.arrive(server.address, 3, server)
        clients.pop().close()
        server.settle()
        assert titles(server) == ["2 threads, and each waits in recv()"]
        for client in clients:
            client.close()


def test_threads_that_outlive_the_server_are_shown(listener: socket.socket) -> None:
    def one(listener: socket.socket) -> None:
        threading.Thread(target=echo, args=(listener.accept()[0],)).start()

    with LiveServer(one, listener) as server, peers.connect(server.address):
        server.result()
        assert titles(server) == ["a thread waits in recv()"]
