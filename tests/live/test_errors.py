"""An error of a live server reaches who asks for it; a wrong argument gives one sentence."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import (
    HERE,
    connected,
    doubler,
    echo_server,
)

from helpers import LiveServer, timeline
from helpers.live import registry
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.record.wakeup import not_recorded

pytestmark = pytest.mark.usefixtures("recorded")


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


def end_the_program(code: object) -> None:
    raise SystemExit(code)


LEFT_BY: list[tuple[Callable[[], Any], str]] = [
    (sys.exit, "sys.exit()"),
    (lambda: sys.exit(3), "sys.exit(3)"),
    (lambda: sys.exit("no client"), "sys.exit('no client')"),
    (lambda: end_the_program(None), "sys.exit()"),
    (lambda: end_the_program(0), "sys.exit(0)"),
    (lambda: exit(1), "sys.exit(1)"),
    (lambda: (_ for _ in ()).throw(KeyboardInterrupt), "KeyboardInterrupt"),
]


@pytest.mark.parametrize(("leave", "by"), LEFT_BY)
def test_a_function_that_ends_programs_ends_its_thread(leave: Callable[[], Any], by: str) -> None:
    def serve() -> None:
        with socket.create_server(HERE) as own, own.accept()[0] as conn:
            if conn.recv(10) == b"quit":
                leave()

    with LiveServer(serve) as server, socket.create_connection(server.address) as client:
        client.sendall(b"quit")
        assert client.recv(5) == b""
    assert (server.where.state, server.where.reason) == ("finished", f"finished: {by}")
    server.stop()
    with pytest.raises(RuntimeError, match="ended without listening: finished"):
        _ = LiveServer(leave).start().address


def test_result_is_what_the_function_returned() -> None:
    with LiveServer(max, 3, 4) as server:
        assert server.result() == 4
        assert server.result(1) == 4


def test_after_result_the_thread_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = record.actors.leave

    def leave_slowly(state: ActorState) -> None:
        leave(state)
        time.sleep(0.1)

    monkeypatch.setattr(record.actors, "leave", leave_slowly)
    assert LiveServer(max, 3, 4).start().result() == 4
    assert "max" not in {each.name for each in threading.enumerate()}


def test_a_server_that_was_stopped_is_not_kept_for_its_cell() -> None:
    registry.cell_begins("a cell")
    try:
        server = LiveServer(echo_server).start()
        gone = weakref.ref(server)
        server.stop()
        del server
        gc.collect()
        assert gone() is None
    finally:
        registry.stop_all()


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
    record.waiting.patience = 0.5
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
        told.append(server.actor.address)
        return enter(address, step)

    monkeypatch.setattr(record.wire, "listen", listen)
    server = LiveServer(echo_server)
    with server:
        assert server.address
    assert told == [None]


# --- wrong arguments ----------------------------------------------------------------------------


async def asynchronously_generating() -> AsyncIterator[int]:
    yield 1


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
        lambda: LiveServer(asynchronously_generating),
        TypeError,
        "LiveServer runs functions that return, and asynchronously_generating contains yield: "
        "calling it makes a generator and runs nothing.",
    ),
    (
        lambda: LiveServer(generating),
        TypeError,
        "LiveServer runs functions that return, and generating contains yield: "
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
        "timeline() takes clients: sockets that are recorded. It got 5.",
    ),
    (
        lambda: timeline(all=5),  # type: ignore[arg-type]
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
