"""The threads that a server has started end with it; who cannot end, and holds what, is said."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from servers import HERE, echo

from helpers import LiveServer
from helpers.live import children, registry
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.record.wakeup import Waker

pytestmark = pytest.mark.usefixtures("recorded")


def with_threads() -> None:
    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=echo, args=(conn,)).start()


def with_daemons_of_threads() -> None:
    """Each client's thread is started by another thread."""

    def begin(conn: socket.socket) -> None:
        threading.Thread(target=echo, args=(conn,), daemon=True).start()

    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=begin, args=(conn,)).start()


def with_a_pool() -> None:
    with socket.create_server(HERE) as listener, ThreadPoolExecutor(4) as pool:
        while True:
            pool.submit(echo, listener.accept()[0])


def that_joins() -> None:
    """It leaves its loop, and waits for the threads of its clients."""
    threads = []
    try:
        with socket.create_server(HERE) as listener:
            while True:
                conn, _ = listener.accept()
                threads.append(threading.Thread(target=echo, args=(conn,)))
                threads[-1].start()
    finally:
        for thread in threads:
            thread.join()


def for_two_clients() -> None:
    """It returns by itself, and its threads serve on."""
    with socket.create_server(HERE) as listener:
        for _ in range(2):
            conn, _ = listener.accept()
            threading.Thread(target=echo, args=(conn,)).start()


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(100):
            self.request.sendall(data)


def with_socketserver() -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = False

    with Server(HERE, Handler) as server:
        server.serve_forever()


SERVERS = [
    with_threads,
    with_daemons_of_threads,
    with_a_pool,
    that_joins,
    for_two_clients,
    with_socketserver,
]


@pytest.mark.parametrize("serve", SERVERS)
def test_stop_ends_the_threads_of_clients(serve: Callable[[], None]) -> None:
    server = LiveServer(serve).start()
    clients = [socket.create_connection(server.address) for _ in range(2)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    server.stop()
    for client in clients:
        assert client.recv(1) == b""
        client.close()
    assert re.fullmatch("finished(: stopped)?", server.where.reason)


@pytest.fixture
def enough() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name.startswith("idle"):
            thread.join()


def idling(enough: threading.Event) -> None:
    """Its threads wait for no socket."""
    with socket.create_server(HERE) as listener:
        for number in range(5):
            threading.Thread(target=enough.wait, name=f"idle-{number}").start()
        listener.accept()


def test_threads_that_cannot_be_ended_are_named(enough: threading.Event) -> None:
    server = LiveServer(idling, enough).start().settle()
    left = "5 threads that it started still run: idle-0, idle-1, idle-2 and 2 more"
    with pytest.warns(RuntimeWarning, match=f"^idling is stopped, and {left}. A thread ends when"):
        server.stop()
    assert server.where.reason == f"finished: stopped; {left}"
    enough.set()
    for thread in threading.enumerate():
        if thread.name.startswith("idle"):
            thread.join()
    assert server.where.reason == "finished: stopped"


def test_a_thread_that_is_late_on_a_busy_machine_is_waited_for(
    enough: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it ends when somebody looks whether it has had its turn."""

    def has_had_its_turn(onlooker: object, state: ActorState) -> bool:
        enough.set()
        return False

    monkeypatch.setattr(children.Onlooker, "is_at_rest", has_had_its_turn)
    server = LiveServer(idling, enough).start()
    assert server.address
    server.stop()  # a warning would be an error
    assert server.where.reason == "finished: stopped"


# --- an old server that could not be stopped ----------------------------------------------------


def keeps(port: int, enough: threading.Event) -> None:
    with socket.create_server(("127.0.0.1", port)):
        enough.wait()


def goes_on(port: int, enough: threading.Event) -> None:
    with socket.create_server(("127.0.0.1", port)) as listener:
        while not enough.is_set():
            try:
                listener.accept()
            except BaseException:
                enough.wait(0.01)


def test_a_thread_that_comes_to_its_first_call_after_stop_ends_there(
    enough: threading.Event,
) -> None:
    here, there = socket.socketpair()
    ended: list[threading.Thread] = []

    def waits() -> None:
        enough.wait()
        with here:
            here.recv(1)

    def serve() -> None:
        ended.append(threading.Thread(target=waits))
        ended[0].start()
        with socket.create_server(HERE) as listener:
            listener.accept()

    server = LiveServer(serve).start()
    with there:
        with pytest.warns(RuntimeWarning, match="1 thread that it started still runs"):
            server.stop()
        enough.set()
        ended[0].join(10)
        assert not ended[0].is_alive()
        assert there.recv(1) == b""


def test_a_thread_that_is_asked_to_stop_while_it_begins_its_first_wait_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = ActorState.ready_to_wait

    def asked_meanwhile(state: ActorState) -> Waker:
        if state.actor.name == "asked" and state.waker is None:
            state.ask_to_stop(state.clock)
        return plain(state)

    monkeypatch.setattr(ActorState, "ready_to_wait", asked_meanwhile)
    here, there = socket.socketpair()
    thread = threading.Thread(target=lambda: here.recv(1), name="asked")
    with here, there:
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def test_a_thread_that_a_server_starts_when_it_was_asked_to_stop_ends_too(
    enough: threading.Event,
) -> None:
    here, there = socket.socketpair()
    ended: list[threading.Thread] = []

    def waits() -> None:
        with here:
            here.recv(1)

    def serve() -> None:
        enough.wait()  # as if the system had not let it go on
        ended.append(threading.Thread(target=waits))
        ended[0].start()
        there.recv(1)

    server = LiveServer(serve).start()
    with there:
        with pytest.raises(TimeoutError, match="still running"):
            server.stop(timeout=0.01)
        enough.set()
        assert record.waiting.watch(lambda: server.is_over, 10, 0.01)
        ended[0].join(10)
        assert not ended[0].is_alive()


@pytest.mark.parametrize("function", [keeps, goes_on])
def test_a_rerun_names_the_old_server_its_line_and_its_address(
    function: Callable[..., Any], enough: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveServer.discard, "__defaults__", (0.05,))
    registry.cell_begins("a")
    try:
        old = LiveServer(function, 0, enough).start()
        host, port = old.address
        registry.cell_begins("a")
        new = LiveServer(function, port, enough).start()
        with pytest.raises(OSError, match="in use") as told:
            _ = new.address
        note = told.value.__notes__[0]
        assert f"{function.__name__} of an earlier run still holds {host}:{port}" in note
        assert "It is in line " in note
        assert "enough.wait(" in note
        assert "Restart Kernel" in note
        assert new.where.reason.endswith(note)
    finally:
        enough.set()
        registry.stop_all()
        old.result(5)


def test_a_server_of_another_cell_that_holds_the_address_is_named() -> None:
    with LiveServer(with_threads) as server:
        port = server.address[1]
        other = LiveServer(socket.create_server, ("127.0.0.1", port)).start()
        with pytest.raises(OSError, match="in use") as told:
            other.result()
        assert told.value.__notes__ == [
            f"The server with_threads still holds 127.0.0.1:{port}. Stop it first, with its stop(),"
            " or take port 0."
        ]


def test_an_address_that_no_server_holds_is_no_servers_fault() -> None:
    with LiveServer(with_threads), socket.create_server(HERE) as own:
        other = LiveServer(socket.create_server, own.getsockname()).start()
        with pytest.raises(OSError, match="in use") as told:
            other.result()
        assert not hasattr(told.value, "__notes__")


def test_what_a_server_still_can_do_its_threads_do_before_they_are_stopped() -> None:
    for _ in range(20):
        server = LiveServer(with_threads).start()
        with socket.create_connection(server.address) as client:
            client.sendall(b"last")
            server.stop()
            assert client.recv(10) == b"last"
