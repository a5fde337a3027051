"""The one loop of all waits, with the way of each system to try a call."""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from servers import HERE, PLAIN, calls, connected, new_connection, recv_exactly

from helpers import Deadlock, LiveServer, patience
from helpers.record.record import record
from helpers.sockets.attempts import OnLinux, OnMacOS, OnWindows
from helpers.sockets.install import install, uninstall
from helpers.sockets.noting import wait_and_try

LARGE = bytes(range(256)) * 80_000
"""20 MB: more than any system's buffers hold."""


@pytest.fixture(
    autouse=True,
    params=[
        pytest.param(OnLinux, marks=pytest.mark.linux_only),
        pytest.param(OnMacOS, marks=pytest.mark.posix_only),
        OnWindows,
    ],
)
def _system(request: pytest.FixtureRequest) -> Iterator[None]:
    before = record.waiting.patience
    record.log.clear()
    install(request.param())
    try:
        yield
    finally:
        uninstall()
        record.waiting.patience = before


def reader(conn: socket.socket, size: int, got: list[bytes]) -> threading.Thread:
    thread = threading.Thread(target=lambda: got.append(recv_exactly(conn, size)))
    thread.start()
    return thread


@pytest.mark.parametrize("timeout", [None, 10.0])
def test_sendall_gives_every_byte_once_and_in_order(timeout: float | None) -> None:
    client, conn = new_connection()
    got: list[bytes] = []
    with client, conn:
        client.settimeout(timeout)
        thread = reader(conn, len(LARGE), got)
        client.sendall(bytearray(LARGE))
        thread.join()
    assert got == [LARGE]
    assert (calls("sendall")[0].size, calls("sendall")[0].outcome) == (len(LARGE), "done")


def test_a_blocking_send_takes_all() -> None:
    client, conn = new_connection()
    got: list[bytes] = []
    with client, conn:
        thread = reader(conn, len(LARGE), got)
        assert client.send(LARGE) == len(LARGE)
        thread.join()
    assert got == [LARGE]


def test_a_send_with_a_timeout_takes_a_part() -> None:
    client, conn = new_connection()
    with client, conn:
        client.settimeout(10)
        sent = client.send(LARGE)
        assert 0 < sent < len(LARGE)
        assert calls("send")[0].size == sent
        assert len(recv_exactly(conn, sent)) == sent


def test_the_timeout_of_sendall_is_for_all_pieces_together() -> None:
    client, conn = new_connection()
    with client, conn:
        client.settimeout(0.3)
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=r"^timed out$") as failed:
            client.sendall(LARGE)
        assert 0.3 <= time.monotonic() - began < 2
        assert failed.value.__context__ is None
        assert 0 < calls("sendall")[0].size < len(LARGE)


def test_a_recv_waits_for_its_timeout_and_for_no_longer() -> None:
    client, conn = new_connection()
    with client, conn:
        client.settimeout(0.1)
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=r"^timed out$") as failed:
            client.recv(1)
        assert 0.1 <= time.monotonic() - began < 2
        assert failed.value.__context__ is None
        conn.sendall(b"x")
        assert client.recv(1) == b"x"


@pytest.mark.posix_only
def test_where_the_kernel_has_a_timeout_the_kernel_ends_the_wait() -> None:
    patience(5)
    client, conn = new_connection()
    with client, conn:
        timeval = struct.pack("ll", 0, 100_000)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            client.setsockopt(socket.SOL_SOCKET, option, timeval)
        began = time.monotonic()
        with pytest.raises(BlockingIOError):
            client.recv(1)
        assert client.send(LARGE) < len(LARGE)
        with pytest.raises(BlockingIOError):
            client.sendall(LARGE)
        assert 0.3 <= time.monotonic() - began < 4


def test_an_accept_waits_for_its_timeout_and_for_no_longer() -> None:
    with socket.create_server(HERE) as listener:
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError, match=r"^timed out$"):
            listener.accept()
        with connected(listener) as client, listener.accept()[0] as conn:
            assert conn.getpeername() == client.getsockname()


@pytest.mark.parametrize("call", ["recv", "send", "sendall", "accept"])
def test_a_wait_that_cannot_end_is_a_deadlock_and_nothing_is_chained_to_it(call: str) -> None:
    patience(0.5)
    client, conn = new_connection()
    with client, conn, socket.create_server(HERE) as listener:
        todo: dict[str, Any] = {
            "recv": lambda: client.recv(1),
            "send": lambda: client.send(LARGE),
            "sendall": lambda: client.sendall(LARGE),
            "accept": listener.accept,
        }
        with pytest.raises(Deadlock) as failed:
            todo[call]()
        assert failed.value.__context__ is None


@pytest.mark.linux_only  # elsewhere a full queue refuses
def test_a_non_blocking_connect_raises_the_error_of_the_system(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listener, ExitStack() as clients:
        listener.bind(path)
        listener.listen(0)
        codes = []
        for kind in (socket.socket, socket.socket, PLAIN):
            client = clients.enter_context(kind(socket.AF_UNIX))
            client.settimeout(0)
            codes.append(client.connect_ex(path))
        assert codes == [0, errno.EAGAIN, errno.EAGAIN]


def test_msg_waitall_is_read_in_pieces() -> None:
    client, conn = new_connection()
    with client, conn:
        threads = [threading.Timer(0.1 * n, conn.sendall, (b"abc",)) for n in range(1, 4)]
        for each in threads:
            each.start()
        room = bytearray(8)
        assert client.recv_into(room, 8, socket.MSG_WAITALL) == 8
        for each in threads:
            each.join()
        assert (bytes(room), client.recv(9)) == (b"abcabcab", b"c")
    waitall = calls("recv_into")[0]
    assert [(each.kind, each.size) for each in waitall.causes] == [
        ("data", 3),
        ("data", 3),
        ("data", 2),
    ]


def test_a_look_at_the_data_takes_nothing() -> None:
    client, conn = new_connection()
    with client, conn:
        threading.Timer(0.1, conn.sendall, (b"abc",)).start()
        assert client.recv(2, socket.MSG_PEEK) == b"ab"
        assert client.recv(9) == b"abc"


def test_a_send_breaks_off_with_the_part_that_was_sent_and_sendall_raises() -> None:
    for call in ("send", "sendall"):
        client, conn = new_connection()
        with client, conn:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            threading.Timer(0.2, conn.close).start()  # a reset: nothing of it was read
            if call == "send":
                assert 0 < client.send(LARGE) < len(LARGE)
            else:
                with pytest.raises(ConnectionError) as failed:
                    client.sendall(LARGE)
                assert failed.value.__context__ is None
        assert 0 < calls(call)[-1].size < len(LARGE)


def test_a_send_may_take_only_a_part_where_it_has_to_wait() -> None:
    record.short_sends = True
    client, conn = new_connection()
    try:
        with client, conn:
            sent = client.send(LARGE)
            assert 0 < sent < len(LARGE)
            assert len(recv_exactly(conn, sent)) == sent
    finally:
        record.short_sends = False


def test_sendall_takes_all_also_where_a_send_takes_a_part() -> None:
    record.short_sends = True
    client, conn = new_connection()
    got: list[bytes] = []
    try:
        with client, conn:
            thread = reader(conn, len(LARGE), got)
            client.sendall(LARGE)
            thread.join()
    finally:
        record.short_sends = False
    assert got == [LARGE]


@pytest.mark.linux_only  # Windows has no such flag, and macOS takes no notice of it in send()
def test_a_call_that_is_not_to_wait_does_not() -> None:
    client, conn = new_connection()
    with client, conn:
        with pytest.raises(BlockingIOError):
            client.recv(1, socket.MSG_DONTWAIT)
        assert client.send(LARGE, socket.MSG_DONTWAIT) < len(LARGE)
        with pytest.raises(BlockingIOError):
            client.sendall(LARGE, socket.MSG_DONTWAIT)


def test_datagrams_are_waited_for() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as here, socket.socket(type=socket.SOCK_DGRAM) as to:
        here.bind(HERE)
        threading.Timer(0.1, to.sendto, (b"abc", here.getsockname())).start()
        assert here.recvfrom(9)[0] == b"abc"
        here.settimeout(0.1)
        with pytest.raises(TimeoutError, match=r"^timed out$"):
            here.recv(1)


def accepts() -> None:
    with socket.create_server(HERE) as listener:
        while True:
            listener.accept()[0].close()


def receives() -> None:
    with socket.create_server(HERE) as listener, listener.accept()[0] as conn:
        conn.recv(1)


def sends() -> None:
    with socket.create_server(HERE) as listener, listener.accept()[0] as conn:
        conn.sendall(LARGE)


@pytest.mark.parametrize("target", [accepts, receives, sends])
def test_stop_frees_a_server_from_each_wait(target: Any) -> None:
    server = LiveServer(target).start()
    with socket.create_connection(server.address):
        server.settle()
        server.stop()


# --- the loop alone -----------------------------------------------------------------------------


def test_it_tries_again_where_the_socket_was_ready_for_nothing() -> None:
    client, conn = new_connection()
    answers = iter([BlockingIOError(), BlockingIOError(), "done"])

    def attempt(sock: socket.socket, argument: int) -> str:
        assert (sock, argument) == (client, 7)
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with client, conn:
        conn.sendall(b"x")
        call = record.begin(client, client._info, "recv")  # type: ignore[attr-defined]
        assert call is not None
        assert wait_and_try(call, client, False, None, attempt, 7) == "done"
        assert call.state.wait is None


def test_it_does_not_wait_for_a_socket_that_was_closed_meanwhile() -> None:
    client, conn = new_connection()
    with conn:
        call = record.begin(client, client._info, "recv")  # type: ignore[attr-defined]
        client.close()
        assert call is not None
        with pytest.raises(OSError, match=r"(?i)bad file descriptor|not a socket"):
            wait_and_try(call, client, False, None, socket.socket.recv, 1)
