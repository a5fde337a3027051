"""A live server is stopped wherever it waits, and can be started again."""

from __future__ import annotations

import functools
import select
import selectors
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from load import quickest
from servers import (
    HERE,
    connected,
    doubler,
    echo_server,
    marked_line,
)

from helpers import LiveServer
from helpers.record.events import Event
from helpers.record.model import ActorState, Call
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


def assert_stops(server: LiveServer, state: str, call: str) -> None:
    """It waits in that call; stop() ends it, and it was a stop and not an error."""
    where = server.settle().where
    assert (where.state, where.call) == (state, call)
    server.stop()
    assert server.where.state == "finished"
    assert server.where.reason == "finished: stopped"


def test_stop_frees_a_server_blocked_in_accept() -> None:
    assert_stops(LiveServer(echo_server).start(), "waiting", "accept")


def test_stop_frees_a_server_blocked_in_recv() -> None:
    server = LiveServer(echo_server).start()
    with socket.create_connection(server.address) as client:
        assert_stops(server, "waiting", "recv")
        assert client.recv(1) == b""  # its `with` blocks were left: the connection is closed


def test_stop_frees_a_server_blocked_in_sendall(listener: socket.socket) -> None:
    def talk() -> None:
        with listener.accept()[0] as conn:
            conn.sendall(bytes(20_000_000))

    with connected(listener):
        assert_stops(LiveServer(talk).start(), "waiting", "sendall")


@pytest.mark.linux_only
def test_stop_frees_a_server_blocked_in_connect() -> None:
    """On Linux, a connect waits while the listener's queue is full."""
    with socket.create_server(HERE, backlog=0) as full, connected(full):

        def call_out() -> None:
            with socket.socket() as sock:
                sock.connect(full.getsockname())

        assert_stops(LiveServer(call_out).start(), "waiting", "connect")


def test_stop_frees_a_server_blocked_in_recvfrom() -> None:
    def datagram_queue() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(HERE)
            while True:
                data, address = sock.recvfrom(1024)
                sock.sendto(data, address)

    server = LiveServer(datagram_queue).start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"echo", server.address)
        assert client.recvfrom(10) == (b"echo", server.address)
    assert_stops(server, "waiting", "recvfrom")


def test_stop_frees_a_server_with_a_timeout_of_its_own(listener: socket.socket) -> None:
    listener.settimeout(60)
    assert_stops(LiveServer(listener.accept).start(), "waiting", "accept")


class Doubler:
    """A server that is an object."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener

    def serve(self) -> None:
        with self.listener.accept()[0] as conn:
            conn.sendall(2 * conn.recv(1024))

    __call__ = serve


def announced(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


TARGETS = {
    "a lambda": lambda listener: LiveServer(lambda: doubler(listener)),
    "a bound method": lambda listener: LiveServer(Doubler(listener).serve),
    "an object that can be called": lambda listener: LiveServer(Doubler(listener)),
    "a partial": lambda listener: LiveServer(functools.partial(doubler, listener)),
    "a partial by name": lambda listener: LiveServer(functools.partial(doubler, listener=listener)),
    "a function with arguments": lambda listener: LiveServer(doubler, listener),
    "a decorated function": lambda listener: LiveServer(announced(doubler), listener),
}


@pytest.mark.parametrize("make", TARGETS.values(), ids=TARGETS.keys())
def test_a_listener_made_outside_is_known_shown_and_left_open(
    make: Callable[[socket.socket], LiveServer], listener: socket.socket
) -> None:
    for _ in range(2):
        server = make(listener).start()
        assert server.address == listener.getsockname()
        assert "listener.accept()" in marked_line(server)
        assert_stops(server, "waiting", "accept")
    server.start()
    with socket.create_connection(server.address) as client:
        client.sendall(b"ab")
        assert client.recv(10) == b"abab"
    assert server.result() is None


def test_a_single_call_is_a_server_too(listener: socket.socket) -> None:
    server = LiveServer(listener.accept).start()
    assert server.address == listener.getsockname()
    assert server.name == "listener.accept"
    assert "listener.accept()" in marked_line(server)
    assert_stops(server, "waiting", "accept")
    with server.start(), connected(listener) as client:
        conn, address = server.result()
        with conn:
            assert address == client.getsockname()


def test_stop_frees_handle_request_of_socketserver() -> None:
    with socketserver.TCPServer(HERE, socketserver.BaseRequestHandler) as tcp:
        server = LiveServer(tcp.handle_request).start()
        assert server.address == tcp.server_address
        assert server.settle().where.reason == "waiting in select() until its socket is ready"
        assert_stops(server, "waiting", "select")


IN_SELECT = ["select.poll", "select.epoll"]
"""Each of them where the system has it."""


@pytest.mark.parametrize(
    "kind",
    [
        "DefaultSelector",
        "SelectSelector",
        "select.select",
        *(each for each in IN_SELECT if hasattr(select, each.removeprefix("select."))),
    ],
)
def test_stop_frees_a_server_in_select(kind: str, listener: socket.socket) -> None:
    pair = socket.socketpair()

    def wait_for_two() -> None:
        socks = [listener, pair[0]]
        while True:
            if kind == "select.select":
                ready = select.select(socks, [], [])[0]
            elif kind in IN_SELECT:
                poller = getattr(select, kind.removeprefix("select."))()
                for sock in socks:
                    poller.register(sock, select.POLLIN)
                ready = [sock for fd, _ in poller.poll() for sock in socks if sock.fileno() == fd]
                if kind == "select.epoll":
                    poller.close()
            else:
                with getattr(selectors, kind)() as selector:
                    for sock in socks:
                        selector.register(sock, selectors.EVENT_READ)
                    ready = [key.fileobj for key, _ in selector.select()]
            assert ready == [pair[0]]
            assert pair[0].recv(10) == b"wake up"

    with pair[0], pair[1]:
        server = LiveServer(wait_for_two).start()
        for _ in range(3):
            pair[1].sendall(b"wake up")
            reason = server.settle().where.reason
            assert reason == "waiting in select() until one of its 2 sockets is ready"
        assert_stops(server, "waiting", "select")
    with socket.create_server(HERE) as sock:
        assert select.select([sock], [], [], 0) == ([], [], [])


def test_a_server_has_its_time_to_end_also_when_the_cell_was_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settle = record.waiting.settle

    def settle_late(states: list[ActorState], timeout: float) -> bool:
        done = settle(states, timeout)
        threading.Event().wait(2 * timeout)
        return done

    monkeypatch.setattr(record.waiting, "settle", settle_late)
    server = LiveServer(echo_server).start()
    server.stop(2)
    assert server.is_over


def test_select_is_not_ended_by_what_an_earlier_wait_has_left() -> None:
    def waits_twice() -> None:
        state = record.actors.state()
        state.poke()  # as somebody who moved just when the first wait was over
        assert record.waiting.watch(lambda: True, 1, 1)
        with socket.create_server(HERE) as listener:
            found.append(select.select([listener], [], []))

    found: list[object] = []
    with LiveServer(waits_twice) as server:
        assert server.settle().where.call == "select"
    assert found == []


def test_select_is_as_before_in_a_thread_that_is_no_server() -> None:
    found: list[object] = []

    def work() -> None:
        with socket.create_server(HERE) as sock:
            found.append(select.select([sock], [], [], 0))
            found.append(select.select([], [sock], [], 0))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0] == ([], [], [])
    assert len(found) == 2


@pytest.mark.posix_only  # on Windows asyncio waits in a way of its own
def test_stop_lets_asyncio_cancel_its_tasks() -> None:
    import asyncio

    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(100):
                writer.write(data)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(handle, *HERE)
        async with server:
            await server.serve_forever()

    server = LiveServer(lambda: asyncio.run(main())).start()
    with socket.create_connection(server.address) as client:
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"
        assert_stops(server, "waiting", "select")
    assert seen == ["cancelled"]


def test_stop_says_so_of_a_server_that_spins_without_a_socket_call() -> None:
    enough = threading.Event()

    def spin() -> None:
        while not enough.is_set():
            pass

    server = LiveServer(spin).start()
    began = time.monotonic()
    with pytest.raises(TimeoutError) as told:
        server.stop(0.2)
    assert time.monotonic() - began < 2
    assert str(told.value).startswith("spin is still running 0.2 s after stop(). It is in line ")
    assert "this one makes none" in str(told.value)
    with LiveServer(echo_server) as other, socket.create_connection(other.address) as client:
        client.sendall(b"next")
        assert client.recv(100) == b"next"
    enough.set()
    server.stop()
    assert server.where.reason == "finished"


def test_settle_says_so_of_a_server_that_is_never_at_rest() -> None:
    enough = threading.Event()

    def spin() -> None:
        while not enough.is_set():
            pass

    with LiveServer(spin) as server:
        with pytest.raises(TimeoutError, match=r"^spin is still busy after 0\.1 s: running\.$"):
            server.settle(0.1)
        enough.set()


def test_stop_names_the_innermost_line_and_none_of_a_function_without_source() -> None:
    enough = threading.Event()

    def inner() -> None:
        while not enough.is_set():
            pass

    def outer() -> None:
        inner()

    with LiveServer(outer) as server:
        with pytest.raises(TimeoutError, match=r"It is in line \d+: (while not enough|pass)"):
            server.stop(0.1)
        enough.set()
    with LiveServer(time.sleep, 0.5) as server:
        with pytest.raises(
            TimeoutError, match=r"^sleep is still running 0\.1 s after stop\(\)\.\n"
        ):
            server.stop(0.1)
        server.result()


def test_stop_says_so_of_a_server_that_catches_everything(listener: socket.socket) -> None:
    enough = threading.Event()

    def stubborn() -> None:
        while not enough.is_set():
            try:
                listener.accept()
            except:  # noqa: E722
                continue

    server = LiveServer(stubborn).start()
    server.settle()
    with pytest.raises(TimeoutError) as told:
        server.stop(0.2)
    assert "`except:` and `except BaseException:` catch the stop as well" in str(told.value)
    enough.set()
    server.stop()


def test_a_server_can_be_replaced_in_its_first_moment() -> None:
    began = time.monotonic()
    for _ in range(200):
        server = LiveServer(echo_server).start()
        server.discard()
        assert server.where.reason == "finished: stopped"
    assert time.monotonic() - began < 20  # one that is not woken costs two seconds


def test_who_replaces_a_server_puts_no_calls_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten thousand calls that takes longer than all the rest of a check."""
    server = LiveServer(echo_server).start()
    server.settle()
    frozen: list[Call] = []
    freeze = Call.freeze

    def counted(call: Call) -> Event:
        frozen.append(call)
        return freeze(call)

    monkeypatch.setattr(Call, "freeze", counted)
    server.discard()
    assert not frozen
    assert server.where.reason == "finished: stopped"
    assert record.read().events
    assert frozen


def test_stop_from_another_thread() -> None:
    server = LiveServer(echo_server).start()
    server.settle()
    thread = threading.Thread(target=server.stop)
    thread.start()
    thread.join()
    assert server.where.state == "finished"


CAN_WAIT: dict[str, Callable[[socket.socket, Any], object]] = {
    "connect": lambda sock, address: sock.connect(address),
    "connect_ex": lambda sock, address: sock.connect_ex(address),
    "accept": lambda sock, address: sock.accept(),
    "recv": lambda sock, address: sock.recv(1),
    "recv_into": lambda sock, address: sock.recv_into(bytearray(1)),
    "recvfrom": lambda sock, address: sock.recvfrom(1),
    "recvfrom_into": lambda sock, address: sock.recvfrom_into(bytearray(1)),
    "send": lambda sock, address: sock.send(b"x"),
    "sendall": lambda sock, address: sock.sendall(b"x"),
    "sendto": lambda sock, address: sock.sendto(b"x", address),
}
if hasattr(socket.socket, "sendmsg"):
    CAN_WAIT |= {
        "sendmsg": lambda sock, address: sock.sendmsg([b"x"]),
        "recvmsg": lambda sock, address: sock.recvmsg(1),
        "recvmsg_into": lambda sock, address: sock.recvmsg_into([bytearray(1)]),
    }


@pytest.mark.parametrize("call", CAN_WAIT)
def test_every_call_that_can_wait_ends_a_server_that_tries_it_again_and_again(call: str) -> None:
    enough = threading.Event()

    def tries() -> None:
        kind = socket.SOCK_DGRAM if call == "sendto" else socket.SOCK_STREAM
        with socket.socket(type=kind) as sock:
            sock.setblocking(False)
            while not enough.is_set():
                with suppress(OSError):
                    CAN_WAIT[call](sock, ("127.0.0.1", 9))

    server = LiveServer(tries).start()
    server.discard()
    stopped = server.where.reason
    enough.set()
    assert stopped == "finished: stopped"


def test_half_of_the_time_of_stop_is_left_for_a_server_that_is_never_at_rest() -> None:
    here, there = socket.socketpair()
    here.setblocking(False)

    def looks_again_and_again() -> None:
        while True:
            with suppress(BlockingIOError):
                here.recv(1)

    server = LiveServer(looks_again_and_again)
    with here, there:
        assert quickest(0.6, lambda: server.start().stop(0.6)) < 0.6
    assert server.where.reason == "finished: stopped"


def test_a_server_that_stops_itself_is_told_how() -> None:
    def suicidal() -> None:
        server.stop()

    server = LiveServer(suicidal)
    server.start()
    with pytest.raises(RuntimeError, match="suicidal cannot stop itself"):
        server.result()


def test_stop_and_start_again() -> None:
    server = LiveServer(echo_server)
    actors = set()
    for _ in range(3):
        server.start()
        actors.add(server.actor)
        with socket.create_connection(server.address) as client:
            client.sendall(b"again")
            assert client.recv(100) == b"again"
        server.stop()
        server.stop()
    assert len(actors) == 3


def test_with_starts_a_server_that_is_over_only_if_it_was_stopped() -> None:
    runs: list[int] = []
    server = LiveServer(runs.append, 1).start()
    while server.where.state == "running":
        server.settle()
    with server:
        pass
    assert runs == [1]
    with server:
        pass
    assert runs == [1, 1]


def test_a_server_that_ended_and_was_started_again_is_stopped_whole() -> None:
    """Once it was entered twice as running, and left once: then `with` did not start it."""
    runs: list[int] = []
    server = LiveServer(runs.append, 1)
    for _ in range(2):
        server.start().settle()
    server.stop()
    with server:
        server.settle()
    assert runs == [1, 1, 1]


def test_a_server_that_closes_its_own_listener(listener: socket.socket) -> None:
    def once() -> str:
        with listener:
            conn, _ = listener.accept()
        with conn:
            conn.sendall(b"bye")
        return "done"

    with LiveServer(once) as server, connected(listener) as client:
        assert client.recv(10) == b"bye"
        assert server.result() == "done"


def test_the_thread_has_the_name_of_the_function_and_holds_up_no_exit() -> None:
    with LiveServer(echo_server):
        found = {each.name: each.daemon for each in threading.enumerate()}
    assert found["echo_server"] is True


def test_what_a_server_makes_is_seen_in_its_own_lane() -> None:
    with LiveServer(echo_server) as server, socket.create_connection(server.address):
        server.settle()
        names = {each.actor.name for each in record.events() if each.call == "accept"}
    assert names == {"echo_server"}
