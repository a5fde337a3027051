"""A socket object made of a descriptor is the same socket: its account goes on."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

import pytest
from servers import HERE, Connection, calls, connected, recv_exactly

from helpers import timeline
from helpers.record.adopting import LEFT_KEPT
from helpers.record.record import record

pytestmark = [pytest.mark.usefixtures("recorded"), pytest.mark.posix_only]


def by_fromfd(sock: socket.socket) -> socket.socket:
    with sock:
        return socket.fromfd(sock.fileno(), sock.family, sock.type)


def by_its_number(sock: socket.socket) -> socket.socket:
    """Two objects have one descriptor, for a moment."""
    made = socket.socket(fileno=sock.fileno())
    sock.detach()
    return made


def by_dup(sock: socket.socket) -> socket.socket:
    with sock:
        return sock.dup()


def by_another_number(sock: socket.socket) -> socket.socket:
    with sock:
        return socket.socket(fileno=os.dup(sock.fileno()))


def after_detach(sock: socket.socket) -> socket.socket:
    return socket.socket(fileno=sock.detach())


def after_a_move(sock: socket.socket) -> socket.socket:
    number = sock.detach()
    moved = os.dup(number)
    os.close(number)
    return socket.socket(fileno=moved)


def again_and_again(sock: socket.socket) -> socket.socket:
    for _ in range(3):
        sock = by_its_number(by_fromfd(after_detach(sock)))
    return sock


WAYS: list[Callable[[socket.socket], socket.socket]] = [
    by_fromfd,
    by_its_number,
    by_dup,
    by_another_number,
    after_detach,
    after_a_move,
    again_and_again,
]


def causes(name: str) -> list[list[tuple[str, str]]]:
    """For each call of this method that gave something: what it came from."""
    made = {each.number: each.call for each in record.events()}
    done = [each for each in calls(name) if each.outcome == "done"]
    return [[(made[cause.event], cause.kind) for cause in each.causes] for each in done]


def exchange(client: socket.socket, conn: socket.socket) -> None:
    """One question, one answer, and the end."""
    client.sendall(b"question")
    assert recv_exactly(conn, 8) == b"question"
    conn.sendall(b"answer")
    assert recv_exactly(client, 6) == b"answer"
    conn.close()
    assert client.recv(1) == b""


@pytest.mark.parametrize("way", WAYS)
def test_what_crosses_a_connection_is_known_afterwards(
    way: Callable[[socket.socket], socket.socket], connection: Connection
) -> None:
    client, conn = connection
    client.sendall(b"before")
    assert conn.recv(3) == b"bef"
    with way(conn) as same:
        assert same.recv(3) == b"ore"
        exchange(client, same)
    assert causes("recv") == [[("sendall", "data")]] * 4 + [[("close", "end")]]
    columns = {actor for each in timeline().events for actor in [each.role]}
    assert columns <= {"client", "conn", "listener", ""}


@pytest.mark.parametrize("way", WAYS)
def test_a_socket_of_a_pair_is_known_afterwards(
    way: Callable[[socket.socket], socket.socket],
) -> None:
    here, there = socket.socketpair()
    with way(here) as same, there:
        exchange(there, same)
    assert causes("recv") == [[("sendall", "data")]] * 2 + [[("close", "end")]]


@pytest.mark.parametrize("way", WAYS)
def test_who_connects_to_a_listener_is_known_afterwards(
    way: Callable[[socket.socket], socket.socket],
) -> None:
    with (
        way(socket.create_server(HERE)) as listener,
        connected(listener) as client,
        listener.accept()[0] as conn,
    ):
        exchange(client, conn)
    assert causes("accept") == [[("connect", "connect")]]
    assert not record.wire.listeners


@pytest.mark.parametrize("way", WAYS)
def test_a_datagram_is_known_afterwards(way: Callable[[socket.socket], socket.socket]) -> None:
    receiver = socket.socket(type=socket.SOCK_DGRAM)
    receiver.bind(HERE)
    address = receiver.getsockname()
    with socket.socket(type=socket.SOCK_DGRAM) as sender, way(receiver) as same:
        for _ in range(2):
            sender.sendto(b"x", address)
            same.recv(1)
    assert causes("recv") == [[("sendto", "datagram")]] * 2


def test_bytes_that_were_read_by_the_number_are_taken_for_no_others(
    connection: Connection,
) -> None:
    client, conn = connection
    client.sendall(b"unseen")
    number = conn.detach()
    assert os.read(number, 100) == b"unseen"
    with socket.socket(fileno=number) as same:
        client.sendall(b"seen")
        assert same.recv(100) == b"seen"
    assert causes("recv") == [[]]


def test_of_many_that_were_detached_the_last_are_remembered() -> None:
    for _ in range(LEFT_KEPT + 10):
        here, there = socket.socketpair()
        os.close(here.detach())
        there.close()
    assert len(record.adopting._left) <= LEFT_KEPT
    assert not record.wire.endpoints


# --- options belong to the open socket, and not to one object ------------------------------------

RESET = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("whose", ["before", "after"])
def test_the_end_is_a_reset_whoever_has_asked_for_it(
    connection: Connection, way: Callable[[socket.socket], socket.socket], whose: str
) -> None:
    client, conn = connection
    if whose == "before":
        client.setsockopt(*RESET)
    made = way(client)
    if whose == "after":
        made.setsockopt(*RESET)
    made.close()
    with pytest.raises(ConnectionResetError):
        conn.recv(1)
    assert [each.kind for each in calls("recv")[-1].causes] == ["reset"]


def test_it_is_one_too_where_a_copy_has_asked_for_it(connection: Connection) -> None:
    client, conn = connection
    with client.dup() as copy:
        copy.setsockopt(*RESET)
    client.close()
    with pytest.raises(ConnectionResetError):
        conn.recv(1)
    assert [each.kind for each in calls("recv")[-1].causes] == ["reset"]


@pytest.mark.linux_only  # elsewhere who accepts inherits other options
@pytest.mark.parametrize("copied", [False, True])
def test_who_accepts_inherits_the_options_of_the_listener(
    listener: socket.socket, copied: bool
) -> None:
    soon = struct.pack("ll", 0, 20_000)  # seconds, and millionths of them (man 7 socket)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, soon)
    listener.setsockopt(*RESET)
    with socket.create_connection(listener.getsockname()) as client:
        conn = listener.accept()[0]
        with conn.dup() if copied else conn as reader, pytest.raises(BlockingIOError):
            reader.recv(1)  # the kernel ends the wait, as on a plain socket
        conn.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    assert [each.kind for each in calls("recv")[-1].causes] == ["reset"]
