"""A live server: any function, in a thread, shown where it stands, stopped wherever it waits."""

from __future__ import annotations

import functools
import gc
import select
import selectors
import socket
import socketserver
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from load import busy_cores
from servers import HERE, echo_server

from helpers import LiveServer, recording, timeline
from helpers.live import server as live
from helpers.live.source import LINES_SHOWN, frame_of
from helpers.record.actors import ActorState, not_recorded
from helpers.record.record import record


@pytest.fixture(autouse=True)
def _recorded() -> Iterator[None]:
    before = record.patience
    with recording():
        yield
    record.patience = before


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(HERE) as made:
        yield made


def connected(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname())


def assert_stops(server: LiveServer, state: str, call: str) -> None:
    """It waits in that call; stop() ends it, and it was a stop and not an error."""
    where = server.settle().where
    assert (where.state, where.call) == (state, call)
    server.stop()
    assert server.where.state == "finished"
    assert server.where.reason == "finished: stopped"


# --- stop ---------------------------------------------------------------------------------------


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


def doubler(listener: socket.socket, times: int = 2) -> None:
    with listener.accept()[0] as conn:
        conn.sendall(times * conn.recv(1024))


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
        assert server.where.reason == "waiting in select() until its socket is ready"
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
    settle = record.settle

    def settle_late(states: list[ActorState], timeout: float) -> bool:
        done = settle(states, timeout)
        threading.Event().wait(2 * timeout)
        return done

    monkeypatch.setattr(record, "settle", settle_late)
    server = LiveServer(echo_server).start()
    server.stop(2)
    assert server.is_over


def test_select_is_not_ended_by_what_an_earlier_wait_has_left() -> None:
    def waits_twice() -> None:
        state = record.state()
        state.poke()  # as somebody who moved just when the first wait was over
        assert record.watch(lambda: True, 1, 1)
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

    with here, there:
        server = LiveServer(looks_again_and_again).start()
        began = time.monotonic()
        server.stop(0.6)
        assert time.monotonic() - began < 0.6
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


# --- errors -------------------------------------------------------------------------------------


def breaks(listener: socket.socket) -> None:
    with listener.accept()[0] as conn:
        conn.recv(1).decode("ascii")


def fail(listener: socket.socket) -> LiveServer:
    server = LiveServer(breaks, listener).start()
    with connected(listener) as client:
        client.sendall(b"\xff")
        server.settle()
    return server


def test_an_error_in_the_thread_reaches_result_every_time(listener: socket.socket) -> None:
    server = fail(listener)
    for _ in range(2):
        with pytest.raises(UnicodeDecodeError):
            server.result()
    server.stop()


def test_an_error_in_the_thread_reaches_stop_once(listener: socket.socket) -> None:
    server = fail(listener)
    with pytest.raises(UnicodeDecodeError):
        server.stop()
    server.stop()


def test_an_error_in_the_thread_reaches_the_end_of_the_with_block(listener: socket.socket) -> None:
    with (
        pytest.raises(UnicodeDecodeError),
        LiveServer(breaks, listener),
        connected(listener) as client,
    ):
        client.sendall(b"\xff")


def test_an_error_in_the_thread_reaches_address() -> None:
    def wrong() -> None:
        raise ValueError("no listener today")

    server = LiveServer(wrong).start()
    with pytest.raises(ValueError, match="no listener today"):
        _ = server.address
    with pytest.raises(RuntimeError, match="wrong ended without listening: failed: ValueError"):
        _ = server.address
    server.stop()


def fail_in_the_body(server: LiveServer, listener: socket.socket, error: Exception) -> None:
    with connected(listener) as client:
        client.sendall(b"\xff")
    server.settle()
    raise error


def test_an_error_in_the_body_is_not_hidden_by_one_in_the_thread(listener: socket.socket) -> None:
    error = KeyError("of the body")
    with pytest.raises(KeyError) as told, LiveServer(breaks, listener) as server:
        fail_in_the_body(server, listener, error)
    assert told.value is error
    assert told.value.__notes__[0].startswith(
        "The server breaks failed as well: UnicodeDecodeError"
    )


def test_where_shows_the_line_that_failed(listener: socket.socket) -> None:
    where = fail(listener).where
    assert where.state == "failed"
    assert where.reason.startswith("failed: UnicodeDecodeError: 'ascii' codec")
    marked = [text for is_marked, text in where.places[-1].text() if is_marked]
    assert marked[0].endswith('conn.recv(1).decode("ascii")')


@pytest.mark.parametrize("cause", ["from error", "from None", ""])
def test_the_sockets_of_a_server_that_failed_are_closed(
    cause: str, listener: socket.socket
) -> None:
    def number() -> int:
        conn, _ = listener.accept()
        return int(conn.recv(1))

    names: dict[str, Any] = {"number": number}
    code = f"""
def careless():
    try:
        number()
    except ValueError as error:
        raise RuntimeError("not a number") {cause}
"""
    exec(code, names)
    server = LiveServer(names["careless"]).start()
    with warnings.catch_warnings(), connected(listener) as client:
        warnings.simplefilter("ignore", ResourceWarning)
        client.sendall(b"x")
        assert client.recv(1) == b""
    with pytest.raises(RuntimeError, match="not a number"):
        server.stop()


def test_errors_that_are_each_others_cause_end_a_server_too() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first

    def in_a_circle() -> None:
        raise first

    server = LiveServer(in_a_circle).start()
    with pytest.raises(ValueError, match="first"):
        server.result(5)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_errors_that_end_programs_reach_the_cell_as_well(error: type[BaseException]) -> None:
    def quit_early() -> None:
        raise error("early")

    server = LiveServer(quit_early).start()
    with pytest.raises(error, match="early"):
        server.result()


def test_result_is_what_the_function_returned() -> None:
    with LiveServer(max, 3, 4) as server:
        assert server.result() == 4
        assert server.result(1) == 4


def test_after_result_the_thread_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = record.leave

    def leave_slowly(state: ActorState) -> None:
        leave(state)
        time.sleep(0.1)

    monkeypatch.setattr(record, "leave", leave_slowly)
    assert LiveServer(max, 3, 4).start().result() == 4
    assert "max" not in {each.name for each in threading.enumerate()}


def test_a_server_that_was_stopped_is_not_kept_for_its_cell() -> None:
    live.cell_begins("a cell")
    try:
        server = LiveServer(echo_server).start()
        gone = weakref.ref(server)
        server.stop()
        del server
        gc.collect()
        assert gone() is None
    finally:
        live.stop_all()


def test_a_socket_that_is_not_recorded_has_no_name() -> None:
    with not_recorded():
        sock = socket.socket()
    with sock:
        assert LiveServer(sock.accept).name == "socket.accept"


def test_result_says_when_it_is_too_early() -> None:
    with LiveServer(echo_server) as server:
        server.settle()
        with pytest.raises(
            TimeoutError, match=r"^echo_server has not finished after 0\.05 s: waiting in accept"
        ):
            server.result(0.05)


def test_address_says_when_nobody_listens() -> None:
    record.patience = 0.5
    here, there = socket.socketpair()
    says = r"^here.recv does not listen after 0\.5 s: waiting"
    with here, there, LiveServer(here.recv, 1) as server:
        server.settle()
        used = time.thread_time()
        with pytest.raises(TimeoutError, match=says):
            _ = server.address
        assert time.thread_time() - used < 0.1  # it waits, and does not look all the time


def test_address_of_a_server_that_listens_everywhere_can_be_connected_to() -> None:
    def everywhere() -> None:
        with socket.create_server(("", 0)) as listener, listener.accept()[0]:
            pass

    with LiveServer(everywhere) as server, socket.create_connection(server.address) as client:
        assert client.getpeername() == server.address
        assert server.address[0] == "127.0.0.1"


def test_only_where_clients_can_come_is_an_address(listener: socket.socket) -> None:
    with (
        connected(listener) as client,
        listener.accept()[0] as conn,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
    ):
        datagram_queue.bind(HERE)
        assert LiveServer(client.recv, 1).known_address is None
        assert LiveServer(doubler, conn).known_address is None
        assert LiveServer(datagram_queue.recvfrom, 1).known_address == datagram_queue.getsockname()


def test_a_listener_of_its_own_is_the_address_wherever_it_waits(listener: socket.socket) -> None:
    made = []

    def doorkeeper() -> None:
        with socket.create_server(HERE) as own:
            made.append(own.getsockname())
            listener.accept()

    with LiveServer(doorkeeper) as server:
        assert server.settle().address == made[0]


@pytest.mark.posix_only
def test_the_address_of_a_server_may_be_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a path may have 104 bytes at most on macOS
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        listener.listen()
        assert LiveServer(listener.accept).known_address == "s"


def test_the_address_is_told_only_when_a_connect_finds_the_listener(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a quick client's connect has no cause, and its trace is not always the same."""
    told = []
    enter = record.wire.listen

    def listen(address: Any, step: Any) -> Any:
        told.append(server._state.address)
        return enter(address, step)

    monkeypatch.setattr(record.wire, "listen", listen)
    server = LiveServer(echo_server)
    with server:
        assert server.address
    assert told == [None]


# --- wrong arguments ----------------------------------------------------------------------------


async def asynchronous() -> None:
    pass


def generating() -> Iterator[int]:
    yield 1


def unstarted(server: Callable[[LiveServer], object]) -> Callable[[], object]:
    return lambda: server(LiveServer(echo_server))


WRONG: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: LiveServer(None),  # type: ignore[arg-type]
        TypeError,
        "LiveServer needs a function to run, such as LiveServer(echo_server), "
        "without calling it; it got None.",
    ),
    (
        lambda: LiveServer(5),  # type: ignore[arg-type]
        TypeError,
        "LiveServer needs a function to run, such as LiveServer(echo_server), "
        "without calling it; it got int 5.",
    ),
    (
        lambda: LiveServer(asynchronous),
        TypeError,
        "LiveServer runs plain functions, and this one is async. "
        "Wrap it: LiveServer(lambda: asyncio.run(asynchronous())).",
    ),
    (
        lambda: LiveServer(generating),
        TypeError,
        "LiveServer runs plain functions, and generating contains yield: "
        "calling it makes a generator and runs nothing.",
    ),
    (
        unstarted(lambda server: server.address),
        RuntimeError,
        "echo_server was not started: call start() before address.",
    ),
    (
        unstarted(lambda server: server.result()),
        RuntimeError,
        "echo_server was not started: call start() before result().",
    ),
    (
        unstarted(lambda server: server.settle()),
        RuntimeError,
        "echo_server was not started: call start() before settle().",
    ),
    *(
        (
            unstarted(lambda server, name=name, value=value: getattr(server, name)(value)),  # type: ignore[misc]
            TypeError,
            f"{name}(timeout) takes a number of seconds, such as 2; it got {shown}.",
        )
        for name, value, shown in [
            ("stop", "x", "str 'x'"),
            ("stop", None, "None"),
            ("stop", -1, "int -1"),
            ("stop", float("nan"), "float nan"),
            ("result", -1, "int -1"),
            ("result", True, "bool True"),
            ("settle", float("inf"), "float inf"),
        ]
    ),
    (
        lambda: timeline(5),  # type: ignore[arg-type]
        TypeError,
        "timeline(all=...) takes True or False; it got 5.",
    ),
]


@pytest.mark.parametrize(("act", "error", "says"), WRONG)
def test_a_wrong_argument_gives_one_sentence(
    act: Callable[[], object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as told:
        act()
    assert str(told.value) == says


@pytest.mark.parametrize("seconds", [0, -1, "x", None, True, float("nan")])
def test_a_wrong_patience_gives_one_sentence(seconds: object) -> None:
    from helpers import patience

    with pytest.raises(TypeError, match=r"^patience\(\) takes a number of seconds, such as 30; it"):
        patience(seconds)  # type: ignore[arg-type]


def test_start_twice_says_what_to_do() -> None:
    says = r"^echo_server is running already. Stop it first"
    with LiveServer(echo_server) as server, pytest.raises(RuntimeError, match=says):
        server.start()


# --- where --------------------------------------------------------------------------------------


def marked_line(server: LiveServer) -> str:
    lines = [line for line in str(server.settle().where).splitlines() if line.startswith("--->")]
    assert lines, str(server.where)
    return lines[-1]


def test_where_is_at_the_next_recv_whenever_the_server_has_settled(
    listener: socket.socket,
) -> None:
    def server() -> None:
        with listener.accept()[0] as conn:
            while True:
                conn.sendall(conn.recv(1))
                conn.sendall(conn.recv(2))

    first, second = (server.__code__.co_firstlineno + each for each in (3, 4))
    with busy_cores(), connected(listener) as client, LiveServer(server) as live:
        for _ in range(150):
            for data, line, next_line in ((b"a", first, second), (b"bc", second, first)):
                where = live.settle().where
                assert (where.call, where.line) == ("recv", line)
                client.sendall(data)
                where = live.settle().where
                assert (where.call, where.line) == ("recv", next_line)
                assert client.recv(2) == data


def test_where_shows_the_function_that_the_server_has_called(listener: socket.socket) -> None:
    def lines(conn: socket.socket) -> Iterator[bytes]:
        while True:
            yield conn.recv(1)

    def server() -> None:
        with listener.accept()[0] as conn:
            for _ in lines(conn):
                pass

    with connected(listener), LiveServer(server) as live:
        arrows = [line for line in str(live.where).splitlines() if line.startswith("--->")]
    assert [arrow.split(None, 2)[2] for arrow in arrows] == [
        "for _ in lines(conn):",
        "yield conn.recv(1)",
    ]


def test_where_cuts_a_long_function_around_the_arrow(listener: socket.socket) -> None:
    source = ["def long(listener):"]
    source += ["    x = 1"] * 100 + ["    listener.accept()"] + ["    x = 2"] * 100
    names: dict[str, Any] = {}
    import linecache

    text = "\n".join(source) + "\n"
    linecache.cache["<long>"] = (len(text), None, text.splitlines(keepends=True), "<long>")
    exec(compile(text, "<long>", "exec"), names)
    with LiveServer(names["long"], listener) as live:
        shown = str(live.settle().where).splitlines()
        assert "listener.accept()" in marked_line(live)
    assert len(shown) == 1 + LINES_SHOWN + 2
    assert shown[1].strip() == shown[-1].strip() == "..."


def test_where_of_a_server_that_is_not_started_shows_its_source() -> None:
    where = LiveServer(echo_server).where
    assert where.state == "not started"
    assert not LiveServer(echo_server).is_over
    assert "def echo_server() -> None:" in str(where)
    assert "--->" not in str(where)


def test_a_server_may_move_between_two_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveServer, "_standing", lambda self: ("waiting", "accept"))
    with LiveServer(sum, [1, 2]) as server:
        assert server.result() == 3
        assert repr(server) == "<LiveServer sum: waiting>"


def test_hostile_text_is_inert_in_where() -> None:
    hostile = "<script>alert(1)</script>\x1b[2J\u202e"

    def attack() -> None:
        print(hostile)
        raise ValueError(hostile + "\x9b")

    server = LiveServer(attack).start()
    with pytest.raises(ValueError, match="script"):
        server.result()
    bundle = server.where._repr_mimebundle_()
    for text in bundle.values():
        assert not set(text) & set("\x1b\x9b\u202e\r")
        assert "\\x1b[2J" in text
    assert "<script" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]


@pytest.mark.parametrize("collects", [True, False])
def test_no_garbage_is_collected_while_frames_are_looked_at(
    monkeypatch: pytest.MonkeyPatch, collects: bool
) -> None:
    """It would stop the process for ever: https://github.com/python/cpython/issues/106883"""
    plain = sys._current_frames
    seen = []

    def look() -> dict[int, FrameType]:
        seen.append(gc.isenabled())
        return plain()

    monkeypatch.setattr(sys, "_current_frames", look)
    if not collects:
        gc.disable()
    try:
        assert frame_of(threading.get_ident()) is not None
        assert gc.isenabled() is collects
    finally:
        gc.enable()
    assert seen == [False]


def test_where_shows_what_was_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def chatty() -> None:
        print("first")
        print("second", file=sys.stderr)

    server = LiveServer(chatty).start()
    server.result()
    assert server.log == "first\nsecond\n"
    assert str(server.where).endswith("printed:\n          first\n          second")
    assert capsys.readouterr() == ("", "")


def test_nothing_that_a_server_or_its_threads_print_reaches_a_cell(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    listener: socket.socket,
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)  # pytest has its own

    def handle(conn: socket.socket) -> None:
        with conn:
            print("one client")
            raise ValueError("a traceback")

    def server() -> None:
        while True:
            thread = threading.Thread(target=handle, args=(listener.accept()[0],))
            thread.start()
            thread.join()

    with LiveServer(server) as live, connected(listener) as client:
        print("from the cell")
        assert client.recv(1) == b""
        live.settle()
    assert "one client\nException in thread" in live.log
    assert "ValueError: a traceback" in live.log
    assert capsys.readouterr() == ("from the cell\n", "")


def test_the_streams_are_as_before_when_no_server_runs() -> None:
    before = sys.stdout, sys.stderr, threading.Thread.start
    with LiveServer(echo_server), LiveServer(echo_server):
        pass
    assert (sys.stdout, sys.stderr, threading.Thread.start) == before


# --- the costs ----------------------------------------------------------------------------------


def test_a_server_that_runs_for_ever_fills_no_memory_with_what_it_prints() -> None:
    def flood() -> None:
        for number in range(5000):
            print(number, "x" * 5000)

    server = LiveServer(flood).start()
    server.result()
    assert len(server.log) < 3_000_000
    assert server.log.splitlines()[-1].startswith("4999 x")


def test_a_hundred_servers_leave_nothing_behind() -> None:
    for _ in range(100):
        with LiveServer(echo_server) as server, socket.create_connection(server.address) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
    gc.collect()
    assert len(record.active) == 1
    assert not record.wire.endpoints
    assert not record.wire.listeners


def test_start_first_echo_and_stop_are_not_slow() -> None:
    """Compared with the same by hand, on the same machine at the same time."""

    def by_hand() -> None:
        with socket.create_server(HERE) as listener:
            thread = threading.Thread(target=lambda: once(listener.accept()[0]))
            thread.start()
            with connected(listener) as client:
                client.sendall(b"x")
                client.recv(1)
            thread.join()

    def once(conn: socket.socket) -> None:
        with conn:
            conn.sendall(conn.recv(1))

    def live() -> None:
        with LiveServer(echo_server) as server, socket.create_connection(server.address) as client:
            client.sendall(b"x")
            client.recv(1)

    def best(function: Callable[[], None]) -> float:
        times = []
        for _ in range(20):
            began = time.perf_counter()
            function()
            times.append(time.perf_counter() - began)
        return min(times)

    record.enabled = False  # the plain one is not recorded
    plain = best(by_hand)
    record.enabled = True
    assert best(live) < 20 * plain


@pytest.mark.posix_only
def test_closing_a_listener_does_not_wake_the_accept_that_waits_on_it() -> None:
    """As with a plain socket: the call under way keeps the listener, until a client comes."""
    for _ in range(50):
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        server = LiveServer(listener.accept).start().settle()
        listener.close()
        assert server.where.state == "waiting"
        with socket.create_connection(address):
            conn, _ = server.result()
            conn.close()
