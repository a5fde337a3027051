"""Where a live server stands, what it has printed, and what it costs."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import pytest
from load import busy_cores
from servers import (
    HERE,
    connected,
    echo_server,
    marked_line,
)

from helpers import LiveServer
from helpers.live.run import Run
from helpers.live.source import LINES_SHOWN, frame_of
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")


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
        arrows = [line for line in str(live.settle().where).splitlines() if line.startswith("--->")]
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
    monkeypatch.setattr(Run, "stands", lambda self: ("waiting", "accept"))
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
    assert len(record.actors.active) == 1
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


def waits(server: LiveServer) -> bool:
    return server.where.state == "waiting"


@pytest.mark.posix_only
def test_closing_a_listener_does_not_wake_the_accept_that_waits_on_it() -> None:
    """As with a plain socket: the call under way keeps the listener, until a client comes."""
    for _ in range(50):
        listener = socket.create_server(("127.0.0.1", 0))
        address = listener.getsockname()
        server = LiveServer(listener.accept).start().settle()
        listener.close()
        # Who was handed the listener tries once more, and goes on waiting.
        assert record.waiting.watch(partial(waits, server), 10, 0.01)
        with socket.create_connection(address):
            conn, _ = server.result()
            conn.close()
