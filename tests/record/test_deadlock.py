"""A wait that cannot end is told at once, and one for an outsider ends with the patience."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from load import quickest
from servers import HERE, connected, echo, recv_exactly

from helpers import Deadlock, LiveServer, patience, timeline
from helpers.record.waiting import LOOK_EVERY, QUIET_TIME

pytestmark = pytest.mark.usefixtures("recorded")


AT_ONCE = 0.2
"""Seconds in which a deadlock must be told."""


# --- deadlocks ----------------------------------------------------------------------------------


def test_both_sides_in_recv_is_told_at_once_and_names_both(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.recv(1024)

    with LiveServer(server) as live, connected(listener) as client:
        live.settle()

        def wait() -> pytest.ExceptionInfo[Deadlock]:
            with pytest.raises(Deadlock) as told:
                client.recv(512)
            return told

        told = wait()
        assert QUIET_TIME + LOOK_EVERY <= quickest(AT_ONCE, wait) < AT_ONCE
    message = str(told.value)
    assert isinstance(told.value, TimeoutError)
    assert "this cell  waits in client.recv(512) for 127.0.0.1" in message
    assert "server     waits in conn.recv(1024) for 127.0.0.1" in message
    assert told.value.__context__ is None


def test_both_sides_in_sendall_with_nobody_reading_is_a_deadlock(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(bytes(20_000_000))

    with connected(listener) as client, LiveServer(server), pytest.raises(Deadlock) as told:
        client.sendall(bytes(20_000_000))
    assert "this cell  waits in client.sendall(...) for 127.0.0.1" in str(told.value)
    assert "server     waits in conn.sendall(...) for 127.0.0.1" in str(told.value)


def test_a_sender_and_one_who_waits_for_its_end_are_a_deadlock(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(bytes(20_000_000))

    with connected(listener) as client, LiveServer(server) as live:
        client.shutdown(socket.SHUT_WR)
        with pytest.raises(Deadlock) as told:
            live.result()
    assert "this cell  waits for the server to finish" in str(told.value)


def test_recv_on_a_connection_that_nobody_accepts_is_a_deadlock(listener: socket.socket) -> None:
    with connected(listener) as client, pytest.raises(Deadlock) as told:
        client.recv(1)
    assert "nobody is left who could answer" in str(told.value)


def test_recv_from_a_server_that_ended_without_closing_is_a_deadlock(
    listener: socket.socket,
) -> None:
    kept = []

    def server() -> None:
        kept.append(listener.accept()[0])

    with LiveServer(server) as live, connected(listener) as client:
        live.result()
        with pytest.raises(Deadlock):
            client.recv(1)
    kept.pop().close()


def test_three_who_wait_in_a_circle_are_a_deadlock(listener: socket.socket) -> None:
    with socket.create_server(HERE) as second:

        def middle() -> None:
            with connected(second) as onward:
                conn, _ = listener.accept()
                with conn:
                    onward.recv(1)

        def last() -> None:
            conn, _ = second.accept()
            with conn:
                conn.recv(1)

        with (
            LiveServer(last),
            LiveServer(middle),
            connected(listener) as client,
            pytest.raises(Deadlock) as told,
        ):
            client.recv(1)
    for name in ("this cell", "middle", "last"):
        assert f"  {name:9}  waits in " in str(told.value)


def test_result_of_a_server_that_waits_for_this_cell_is_a_deadlock(
    listener: socket.socket,
) -> None:
    def server() -> bytes:
        conn, _ = listener.accept()
        with conn:
            return conn.recv(1024)

    with LiveServer(server) as live, connected(listener) as client:
        with pytest.raises(Deadlock) as told:
            live.result()
        assert "this cell  waits for the server to finish" in str(told.value)
        assert "server     waits in conn.recv(1024)" in str(told.value)
        client.sendall(b"now")
        assert live.result() == b"now"


def test_one_who_waits_for_himself_is_a_deadlock() -> None:
    here, there = socket.socketpair()
    with here, there, pytest.raises(Deadlock):
        here.recv(1)


def test_after_a_deadlock_the_socket_is_usable(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        for size in (1, 10, 100):
            with pytest.raises(Deadlock):
                client.recv(1024)
            client.sendall(bytes(size))
            assert recv_exactly(client, size) == bytes(size)


def test_what_recv_waitall_had_is_not_lost_to_a_deadlock(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        client.sendall(b"abc")
        assert client.recv(10, socket.MSG_WAITALL) == b"abc"
        client.sendall(b"defg")
        assert client.recv(4, socket.MSG_WAITALL) == b"defg"


def test_two_servers_at_rest_elsewhere_do_not_hide_a_deadlock(listener: socket.socket) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            other = stack.enter_context(socket.create_server(HERE))
            stack.enter_context(LiveServer(other.accept)).settle()
        idle_here, idle_there = socket.socketpair()
        stack.enter_context(idle_here)
        stack.enter_context(LiveServer(echo, idle_there)).settle()
        stack.enter_context(LiveServer(lambda: echo(listener.accept()[0])))
        client = stack.enter_context(connected(listener))

        def wait() -> None:
            with pytest.raises(Deadlock):
                client.recv(1)

        assert quickest(AT_ONCE, wait) < AT_ONCE


def test_a_socket_with_its_own_timeout_is_never_told_of_a_deadlock(
    listener: socket.socket,
) -> None:
    with connected(listener) as client:
        client.settimeout(4 * QUIET_TIME)
        with pytest.raises(TimeoutError, match=r"^timed out$") as told:
            client.recv(1)
    assert not isinstance(told.value, Deadlock)


# --- patience -----------------------------------------------------------------------------------


def test_a_peer_that_is_not_recorded_is_waited_for_patiently(listener: socket.socket) -> None:
    program = (
        "import socket, sys\n"
        "with socket.create_connection(('127.0.0.1', int(sys.argv[1]))):\n"
        "    sys.stdin.read()"
    )
    port = str(listener.getsockname()[1])
    with subprocess.Popen([sys.executable, "-c", program, port], stdin=subprocess.PIPE) as outsider:
        conn, _ = listener.accept()
        with conn:
            patience(0.3)
            began = time.monotonic()
            with pytest.raises(Deadlock) as told:
                conn.recv(1)
            assert time.monotonic() - began >= 0.3
        outsider.communicate()
    assert str(told.value).startswith("waited for 0.3 s, and nothing came:\n  this cell  waits in")
    assert "helpers.patience(60)" in str(told.value)


def test_accept_waits_for_an_outsider_no_longer_than_the_patience(listener: socket.socket) -> None:
    patience(0.1)
    with pytest.raises(Deadlock, match=r"waits in listener.accept\(\) for a client"):
        listener.accept()


def test_result_of_a_server_in_accept_ends_with_the_patience(listener: socket.socket) -> None:
    patience(0.1)
    waits = r"waits in listener.accept\(\) for a client"
    with LiveServer(listener.accept) as live, pytest.raises(Deadlock, match=waits):
        live.result()


def test_a_datagram_that_nobody_sends_is_waited_for_patiently() -> None:
    patience(0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue:
        datagram_queue.bind(HERE)
        with pytest.raises(Deadlock, match="for a datagram"):
            datagram_queue.recvfrom(100)


@pytest.mark.linux_only  # elsewhere a full queue is answered
def test_a_connect_ex_to_a_full_queue_ends_with_the_patience() -> None:
    patience(0.2)
    with (
        socket.create_server(HERE, backlog=0) as full,
        connected(full),
        socket.socket() as late,
        pytest.raises(Deadlock, match=r"this cell  waits in late\.connect_ex"),
    ):
        late.connect_ex(full.getsockname())


def test_the_timeline_of_a_deadlock_shows_both_waits(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        with pytest.raises(Deadlock):
            client.recv(1)
        assert "Deadlock" in str(timeline())
