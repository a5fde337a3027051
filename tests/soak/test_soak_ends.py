"""What other threads do to a socket while one waits on it, in any order. Nothing hangs, or is left.

The one that waits got the socket from a queue. What may come of a wait is what comes of a plain
one (`tests/sockets/test_another_thread_ends_it.py`).
"""

from __future__ import annotations

import errno
import os
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from servers import new_connection

from helpers.record.record import record
from helpers.sockets.letting_go import waits
from soak.plan import Soak

pytestmark = pytest.mark.linux_only  # the errors of other systems have other numbers

LIMIT = 60
"""Seconds after which a wait hangs."""

LARGE = bytes(6_000_000)
"""More than the buffers of a connection hold."""

Wait = Callable[[socket.socket], object]
End = Callable[[socket.socket, socket.socket], object]

WAITS: tuple[Wait, ...] = (
    lambda conn: conn.recv(10),
    lambda conn: conn.recv_into(bytearray(10)),
    lambda conn: conn.recvmsg(10),
    lambda conn: conn.recv(10, socket.MSG_WAITALL),
    lambda conn: conn.recv(10, socket.MSG_PEEK),
    lambda conn: conn.makefile("rb").read(4),
    lambda conn: conn.sendall(LARGE),
    lambda conn: conn.send(LARGE),
)

ENDS: tuple[End, ...] = (
    lambda conn, client: conn.close(),
    lambda conn, client: socket.close(conn.detach()),
    lambda conn, client: conn.shutdown(socket.SHUT_RDWR),
    lambda conn, client: (conn.shutdown(socket.SHUT_RDWR), conn.close()),
    lambda conn, client: conn.setblocking(False),
    lambda conn, client: conn.settimeout(0.01),
    lambda conn, client: client.sendall(b"0123456789"),
    lambda conn, client: client.shutdown(socket.SHUT_WR),
    lambda conn, client: [each.close() for each in new_connection()],  # others come and go
)

MAY_FAIL = {None, errno.EBADF, errno.EPIPE, errno.ECONNRESET, errno.EAGAIN, errno.ENOTCONN}


def waiter(given: queue.Queue[tuple[Wait, socket.socket]], came: list[object]) -> None:
    wait, conn = given.get()
    try:
        came.append(wait(conn))
    except OSError as error:
        came.append(error)


def one_connection(soak: Soak) -> None:
    conn, client = new_connection()
    if soak.chance.random() < 0.2:
        conn.settimeout(LIMIT)
    count = soak.chance.randint(1, 3)
    given: queue.Queue[tuple[Wait, socket.socket]] = queue.Queue()
    came: list[object] = []
    threads = [threading.Thread(target=waiter, args=(given, came)) for _ in range(count)]
    for each in threads:
        each.start()
        given.put((soak.chance.choice(WAITS), conn))
    if soak.chance.random() < 0.5:
        record.waiting.watch(lambda: len(record.waiting_calls()) == count, 0.2, 0.01)
    for end in soak.chance.sample(ENDS, soak.chance.randint(1, 3)):
        with suppress(OSError):
            end(conn, client)
    client.settimeout(0.01)
    while any(each.is_alive() for each in threads):  # the peer reads what comes, and then goes
        with suppress(OSError):
            if client.recv(1 << 20):
                continue
        client.close()
        for each in threads:
            each.join(LIMIT)
            assert not each.is_alive()
    assert len(came) == count
    assert {each.errno for each in came if isinstance(each, OSError)} <= MAY_FAIL
    client.close()
    with suppress(OSError):
        conn.close()


def test_any_end_of_a_wait(soak: Soak, recorded: None) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(soak.times(15)):
        soak.done += 1
        one_connection(soak)
        assert not waits
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # the cell's own wake-up descriptor
    order = {each.number: place for place, each in enumerate(record.events())}
    # A send that is broken off after a part comes before who received that, and after who broke it
    # off. It has one place only: the second.
    broken = {each.number for each in record.events() if each.error and each.causes}
    above = [
        (each.call, each.error, cause.kind)
        for each in record.events()
        for cause in each.causes
        if cause.event not in broken and order.get(cause.event, -1) > order[each.number]
    ]
    assert above == []
