"""One try of a call on each system, alone: it never waits, and leaves the socket as it was."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from servers import HERE

from helpers.sockets.attempts import (
    CHUNK,
    Attempts,
    OnLinux,
    OnMacOS,
    OnUnix,
    OnWindows,
    of_this_system,
)
from helpers.sockets.letting_go import hold

pytestmark = pytest.mark.usefixtures("at_most_ten_seconds")

LARGE = bytes(50_000_000)
"""More than any system's buffers hold."""

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def at_most_ten_seconds() -> Iterator[None]:
    """A try that waits fails, and does not hang."""
    if os.name != "posix":
        yield
        return

    def too_long(*_: Any) -> None:
        raise AssertionError("the try has waited")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(10)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(
    params=[
        pytest.param(OnLinux, marks=pytest.mark.linux_only),
        pytest.param(OnMacOS, marks=pytest.mark.posix_only),
        OnWindows,
    ]
)
def attempts(request: pytest.FixtureRequest) -> Attempts:
    made: Attempts = request.param()
    return made


@pytest.fixture(params=[None, 5.0], ids=["blocking", "timeout"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(request.param)
        yield here, there


def tries_for(attempts: Attempts, sock: socket.socket) -> Attempts:
    return attempts if sock.gettimeout() is None else attempts.with_timeout


def state_of(sock: socket.socket) -> tuple[float | None, bool]:
    """Python's timeout, and whether the system takes the descriptor for a blocking one."""
    return sock.gettimeout(), os.get_blocking(sock.fileno()) if os.name == "posix" else True


def connect(tries: Attempts, client: socket.socket, address: Any) -> None:
    """Try for as long as it is under way."""
    attempt = tries.connect_now
    while True:
        try:
            return attempt(client, address)
        except BlockingIOError:
            attempt = tries.connected_now
            select.select([], [client], [client], 1)


def test_to_receive_now_gives_what_is_there_and_never_waits(attempts: Attempts, pair: Pair) -> None:
    here, there = pair
    tries = tries_for(attempts, here)
    before = state_of(here)
    with pytest.raises(BlockingIOError):
        tries.receive_now(here, socket.socket.recv, (10,), 0)
    there.sendall(b"abc")
    assert tries.receive_now(here, socket.socket.recv, (10,), socket.MSG_PEEK) == b"abc"
    assert tries.receive_now(here, socket.socket.recvfrom, (1,), 0)[0] == b"a"
    room = bytearray(5)
    assert tries.receive_now(here, socket.socket.recv_into, (room, 1), 0) == 1
    assert tries.receive_now(here, socket.socket.recv, (10,), 0) == b"c"
    with pytest.raises(BlockingIOError):
        tries.receive_now(here, socket.socket.recv, (10,), 0)
    there.close()
    assert tries.receive_now(here, socket.socket.recv, (10,), 0) == b""
    assert (bytes(room), state_of(here)) == (b"b\0\0\0\0", before)


def test_to_send_now_takes_what_there_is_room_for_and_never_waits(
    attempts: Attempts, pair: Pair
) -> None:
    here, there = pair
    tries = tries_for(attempts, here)
    before = state_of(here)
    assert tries.send_now(here, b"", 0) == 0
    sent = 0
    with suppress(BlockingIOError):
        while sent < len(LARGE):
            count = tries.send_now(here, LARGE, 0)
            assert count > 0
            sent += count
    assert sent < len(LARGE)
    assert state_of(here) == before
    received = 0
    while received < sent:
        received += len(there.recv(1_000_000))
    assert tries.send_now(here, b"x", 0) == 1
    assert (received, there.recv(10)) == (sent, b"x")


def test_no_try_keeps_the_buffer_that_it_was_given(attempts: Attempts, pair: Pair) -> None:
    here, _ = pair
    tries = tries_for(attempts, here)
    buffer = bytearray(LARGE)
    while True:
        try:
            tries.send_now(here, buffer, 0)
        except BlockingIOError:
            buffer.clear()  # BufferError if a view of it were left in the error
            break


@pytest.mark.parametrize("data", ["text", 1, None])
def test_what_cannot_be_sent_is_refused_as_by_a_plain_send(
    attempts: Attempts, pair: Pair, data: Any
) -> None:
    here, _ = pair
    with pytest.raises(TypeError) as plain:
        here.send(data)
    with pytest.raises(TypeError) as refused:
        tries_for(attempts, here).send_now(here, data, 0)
    assert str(refused.value) == str(plain.value)


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_a_socket_without_a_peer_says_so(attempts: Attempts, timeout: float | None) -> None:
    with socket.socket() as alone:
        alone.settimeout(timeout)
        tries = tries_for(attempts, alone)
        with pytest.raises(OSError, match=r"(?i)not connected"):
            tries.receive_now(alone, socket.socket.recv, (1,), 0)
        with pytest.raises(OSError, match=r"(?i)not connected|broken pipe"):
            tries.send_now(alone, b"x", 0)


def test_a_closed_socket_says_so(attempts: Attempts, pair: Pair) -> None:
    here, _ = pair
    tries = tries_for(attempts, here)
    here.close()
    with pytest.raises(OSError, match=r"(?i)bad file descriptor|not a socket"):
        tries.receive_now(here, socket.socket.recv, (1,), 0)
    with pytest.raises(OSError, match=r"(?i)bad file descriptor|not a socket"):
        tries.send_now(here, b"x", 0)


@pytest.mark.posix_only
def test_a_socket_whose_descriptor_was_closed_behind_its_back_says_so(
    attempts: Attempts, pair: Pair
) -> None:
    """Otherwise a loop of tries would never end: the wait for such a descriptor is over at once."""
    here, _ = pair
    os.close(here.fileno())
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            tries_for(attempts, here).receive_now(here, socket.socket.recv, (1,), 0)
    finally:
        here.detach()


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_a_datagram_socket_is_tried_in_the_same_way(
    attempts: Attempts, timeout: float | None
) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as here, socket.socket(type=socket.SOCK_DGRAM) as to:
        here.bind(HERE)
        here.settimeout(timeout)
        tries = tries_for(attempts, here)
        with pytest.raises(BlockingIOError):
            tries.receive_now(here, socket.socket.recvfrom, (10,), 0)
        todo = (socket.socket.sendto, b"abc", here.getsockname())
        assert tries.when_ready(to, True, *todo) == 3
        assert tries.receive_now(here, socket.socket.recvfrom, (10,), 0)[0] == b"abc"


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_to_accept_now_gives_a_client_that_is_there(
    attempts: Attempts, timeout: float | None
) -> None:
    with socket.create_server(HERE) as listener:
        listener.settimeout(timeout)
        tries = tries_for(attempts, listener)
        with pytest.raises(BlockingIOError):
            tries.accept_now(listener)
        with socket.create_connection(listener.getsockname()) as client:
            fd, address = tries.accept_now(listener)
            socket.socket(fileno=fd).close()
            assert address == client.getsockname()
        with pytest.raises(BlockingIOError):
            tries.accept_now(listener)


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_to_connect_now_begins_and_its_end_is_told(
    attempts: Attempts, timeout: float | None
) -> None:
    with socket.create_server(HERE) as listener, socket.socket() as client:
        client.settimeout(timeout)
        tries = tries_for(attempts, client)
        address = listener.getsockname()
        connect(tries, client, address)
        assert client.gettimeout() == timeout
        assert client.getpeername() == address


@pytest.mark.linux_only  # elsewhere a full queue refuses
@pytest.mark.parametrize("timeout", [None, 5.0])
def test_a_connect_that_is_under_way_does_not_wait(
    attempts: Attempts, timeout: float | None
) -> None:
    with socket.create_server(HERE, backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address), socket.socket() as late:
            late.settimeout(timeout)
            tries = tries_for(attempts, late)
            with pytest.raises(BlockingIOError):
                tries.connect_now(late, address)
            with pytest.raises(BlockingIOError):
                tries.connected_now(late, address)
            assert late.gettimeout() == timeout


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_a_connect_that_fails_raises_its_error(attempts: Attempts, timeout: float | None) -> None:
    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
    with socket.socket() as client:
        client.settimeout(timeout)
        with pytest.raises(ConnectionRefusedError):
            connect(tries_for(attempts, client), client, address)


@pytest.mark.posix_only
def test_what_a_wait_is_handed_is_the_open_socket() -> None:
    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
        made: list[Any] = []
        hold(listener, made)
        (held,) = made
        listener.close()
        with closing(held), socket.create_connection(address) as client:
            fd, accepted = OnUnix().accept_now(held)
            socket.socket(fileno=fd).close()
            assert accepted == client.getsockname()


@pytest.mark.parametrize("data", [bytes(CHUNK + 1), memoryview(bytes(8 * CHUNK)).cast("Q")])
def test_windows_is_given_a_chunk_at_a_time(data: Any) -> None:
    here, there = socket.socketpair()
    with here, there:
        assert OnWindows().send_now(here, data, 0) == CHUNK


@pytest.mark.linux_only
def test_each_system_has_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(of_this_system()) is OnLinux
    monkeypatch.setattr("sys.platform", "darwin")
    assert type(of_this_system()) is OnMacOS
    monkeypatch.setattr("helpers.sockets.attempts._DONTWAIT", 0)
    assert type(of_this_system()) is OnWindows
