"""A socket that is closed while a thread waits on it: its open file lives until the wait is over.

So the account of it does, too. A listener still gets clients, and a peer sees the end only then.
And who closes a descriptor by its number closes the socket.
"""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from servers import Connection, calls

from helpers import Deadlock, patience
from helpers.record.events import Event
from helpers.record.record import record
from helpers.sockets.letting_go import letting_go, waits

pytestmark = [pytest.mark.linux_only, pytest.mark.usefixtures("recorded")]


def waiting(call: Callable[[], object]) -> threading.Thread:
    """A thread that makes the call, and waits in it."""
    before = len(record.waiting_calls())
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    assert record.waiting.watch(lambda: len(record.waiting_calls()) > before, 10, 0.01)
    return thread


def causes(event: Event) -> list[tuple[str, str]]:
    """What made it possible: the calls, and what crossed."""
    named = {each.number: each.call for each in record.events()}
    return [(named[cause.event], cause.kind) for cause in event.causes]


def stands_below(effect: Event, cause: Event) -> bool:
    order = [each.number for each in record.events()]
    return order.index(effect.number) > order.index(cause.number)


def test_a_listener_that_is_closed_under_an_accept_gets_one_more_client(
    listener: socket.socket,
) -> None:
    address = listener.getsockname()
    thread = waiting(lambda: listener.accept()[0].close())
    listener.close()
    with socket.create_connection(address) as client, suppress(ConnectionRefusedError):
        assert client.recv(1) == b""
        with socket.create_connection(address):
            pytest.fail("the listener has gone")
    thread.join()
    accept, connect = calls("accept")[0], calls("connect")[0]
    assert causes(accept) == [("connect", "connect")]
    assert stands_below(accept, connect)


def test_who_waits_in_its_queue_is_reset_when_the_accept_is_over(listener: socket.socket) -> None:
    address = listener.getsockname()
    go_on = threading.Event()

    def serve() -> None:
        conn = listener.accept()[0]
        go_on.wait()
        conn.close()

    thread = waiting(serve)
    with record.lock.hold():  # the accept cannot be noted before both are there
        listener.close()
        clients = [socket.create_connection(address), socket.create_connection(address)]
    go_on.set()
    thread.join()
    with clients[0], clients[1]:
        assert clients[0].recv(1) == b""
        with pytest.raises(ConnectionResetError):
            clients[1].recv(1)
    assert causes(calls("recv")[-1]) == [("close", "reset")]


def test_a_peer_waits_in_vain_for_the_end_while_a_reader_is_there(connection: Connection) -> None:
    client, conn = connection
    patience(60)
    thread = waiting(lambda: conn.recv(10))
    conn.close()
    with pytest.raises(Deadlock, match="every side waits"):
        client.recv(1)
    client.sendall(b"late")
    thread.join()
    assert client.recv(1) == b""
    assert causes(calls("recv")[-1]) == [("close", "end")]
    assert [each.data for each in calls("recv") if each.data] == [b"late"]


@pytest.mark.parametrize("by", ["os.close()", "os.closerange()", "os.dup2()", "socket.close()"])
def test_who_closes_the_number_closes_the_socket(by: str) -> None:
    client, conn = socket.socketpair()
    number = client.fileno()
    {
        "os.close()": lambda: os.close(number),
        "os.closerange()": lambda: os.closerange(number, number + 1),
        "os.dup2()": lambda: os.dup2(1, number),
        "socket.close()": lambda: socket.close(number),
    }[by]()
    assert conn.recv(1) == b""
    closed = calls("close")[-1]
    assert closed.note == f"by {by}"
    assert causes(calls("recv")[0]) == [("close", "end")]
    with conn, suppress(OSError):
        client.close()


def test_a_number_that_is_closed_twice_is_one_end() -> None:
    client, conn = socket.socketpair()
    number = client.fileno()
    os.close(number)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(number)
    with pytest.raises(OSError, match="Bad file descriptor"):
        client.close()
    conn.close()
    assert [(each.outcome, each.note) for each in calls("close")] == [
        ("done", "by os.close()"),
        ("failed", ""),
        ("done", ""),
    ]


def test_a_number_that_another_file_has_now_closes_no_socket(connection: Connection) -> None:
    client, conn = connection
    number = client.fileno()
    client.close()
    file = os.open(os.devnull, os.O_RDONLY)
    if file != number:
        os.dup2(file, number)
    before = len(calls("close"))
    os.close(number)
    with suppress(OSError):
        os.close(file)
    assert len(calls("close")) == before
    assert conn.recv(1) == b""


def test_nobody_knows_who_ended_what_a_child_has_too(connection: Connection) -> None:
    client, conn = connection
    read = "import socket, sys; s = socket.socket(fileno=int(sys.argv[1])); s.sendall(s.recv(9))"
    number = conn.fileno()
    with subprocess.Popen([sys.executable, "-S", "-c", read, str(number)], pass_fds=[number]):
        conn.close()
        client.sendall(b"echo")
        assert client.recv(9) == b"echo"
        assert client.recv(9) == b""
    ended = calls("recv")[-1]
    assert ended.causes == ()
    assert stands_below(ended, calls("close")[-1])


def test_a_wait_may_begin_or_end_while_another_socket_is_closed(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collection of garbage may come at any moment, and with it another thread."""
    for number in range(2_000):  # so many that one comes while they are looked at
        monkeypatch.setitem(waits, number, connection[0])
    more = iter(range(2_000, 3_000))

    def another_wait_begins(phase: str, info: object) -> None:
        waits[next(more)] = None

    monkeypatch.setattr("helpers.sockets.letting_go._fileno", lambda sock: -1)
    gc.callbacks.append(another_wait_begins)
    before = gc.get_threshold()
    gc.set_threshold(100)
    try:
        with letting_go((0,)):
            pass
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(another_wait_begins)
        for number in [each for each in waits if isinstance(each, int) and each >= 2_000]:
            waits.pop(number)
