"""A call that waits for all that it asked for (MSG_WAITALL) can be ended, and judged, like any."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable
from typing import Any

import pytest
from servers import Connection

from helpers import Deadlock, LiveServer

pytestmark = pytest.mark.linux_only  # the size at which a socket is ready: not everywhere

ALL = socket.MSG_WAITALL
Read = Callable[[Any], Any]

READS: dict[str, Read] = {
    "peek": lambda sock: sock.recv(10, ALL | socket.MSG_PEEK),
    "peek_into": lambda sock: sock.recv_into(bytearray(10), 0, ALL | socket.MSG_PEEK),
    "recvfrom": lambda sock: sock.recvfrom(10, ALL),
    "recvfrom_into": lambda sock: sock.recvfrom_into(bytearray(10), 0, ALL),
    "recvmsg": lambda sock: sock.recvmsg(10, 0, ALL),
    "recvmsg_into": lambda sock: sock.recvmsg_into([bytearray(4), bytearray(6)], 0, ALL),
}
each = pytest.mark.parametrize("read", READS.values(), ids=READS)


@each
def test_it_waits_until_all_is_there(connection: Connection, read: Read) -> None:
    client, conn = connection
    with client, conn, LiveServer(read, conn) as server:
        client.sendall(b"hello")
        server.settle()
        assert server.where.reason.startswith("waiting in recv")
        client.sendall(b"world")
        assert server.result()
        assert conn.getsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT) == 1


@each
def test_a_part_is_no_reason_to_go_on_waiting(connection: Connection, read: Read) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(b"hello")
        with pytest.raises(Deadlock):
            read(conn)
        assert conn.recv(10) == b"hello"


@each
def test_it_is_stopped(connection: Connection, read: Read) -> None:
    client, conn = connection
    with client, conn, LiveServer(read, conn) as server:
        client.sendall(b"hello")
        server.settle()
        server.stop()


def test_more_than_the_buffer_takes_still_comes(connection: Connection) -> None:
    client, conn = connection
    size = 8_000_000
    with client, conn, LiveServer(conn.recvfrom, size, ALL) as server:
        client.sendall(bytes(size))
        assert len(server.result()[0]) == size


def test_what_is_asked_for_takes_no_memory(connection: Connection) -> None:
    client, conn = connection
    with client, conn, LiveServer(conn.recv, 1 << 32, ALL) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        client.sendall(b"hello")
        client.shutdown(socket.SHUT_WR)
        assert server.result() == b"hello"
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
