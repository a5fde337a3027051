"""SO_RCVTIMEO and SO_SNDTIMEO: the system's own limit of time, whoever has set it.

It belongs to the open socket. So it is set here on a copy, after the copy was made.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext

import pytest
from servers import HERE, calls

from helpers import recording

pytestmark = pytest.mark.linux_only  # elsewhere who accepts inherits other options

SOON = struct.pack("ll", 0, 30_000)
NEVER = struct.pack("ll", 0, 0)
"""Seconds, and millionths of them (man 7 socket)."""

WAITALL = socket.MSG_WAITALL
MUCH = bytes(8_000_000)
Do = Callable[[], object]


def limited(sock: socket.socket, option: int, limit: bytes = SOON) -> socket.socket:
    with sock.dup() as copy:
        copy.setsockopt(socket.SOL_SOCKET, option, limit)
    return sock


def receiving(stack: ExitStack) -> Iterator[Do]:
    a, b = map(stack.enter_context, socket.socketpair())
    limited(a, socket.SO_RCVTIMEO)
    yield lambda: a.recv(1)
    yield lambda: a.recv_into(bytearray(4))
    yield lambda: a.recvmsg(4)
    yield lambda: a.recv(4, socket.MSG_PEEK)
    for read in (lambda: a.recv(4, WAITALL), lambda: a.recv_into(bytearray(4), 4, WAITALL)):
        b.sendall(b"ab")
        yield read
    limited(a, socket.SO_RCVTIMEO, NEVER)
    b.sendall(b"x")
    yield lambda: a.recv(4)


def sending(stack: ExitStack) -> Iterator[Do]:
    a, _ = map(stack.enter_context, socket.socketpair())
    limited(a, socket.SO_SNDTIMEO)
    yield lambda: 0 < a.send(MUCH) < len(MUCH)
    yield lambda: a.sendall(MUCH)
    yield lambda: a.sendmsg([MUCH])


def connecting(stack: ExitStack) -> Iterator[Do]:
    listener = stack.enter_context(socket.create_server(HERE, backlog=0))
    clients = [stack.enter_context(socket.socket()) for _ in range(3)]
    for client in clients:
        limited(client, socket.SO_SNDTIMEO)
    yield lambda: clients[0].connect(listener.getsockname())
    yield lambda: clients[1].connect(listener.getsockname())
    yield lambda: clients[2].connect_ex(listener.getsockname())


def accepting(stack: ExitStack) -> Iterator[Do]:
    listener = limited(stack.enter_context(socket.create_server(HERE)), socket.SO_RCVTIMEO)
    yield listener.accept
    stack.enter_context(socket.create_connection(listener.getsockname()))
    conn = stack.enter_context(listener.accept()[0])
    yield lambda: conn.recv(1)
    datagrams = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
    datagrams.bind(HERE)
    limited(datagrams, socket.SO_RCVTIMEO)
    yield lambda: datagrams.recvfrom(1)


def outcomes(programs: Callable[[ExitStack], Iterator[Do]], recorded: bool) -> list[object]:
    found: list[object] = []
    with recording() if recorded else nullcontext(), ExitStack() as stack:
        for do in programs(stack):
            try:
                found.append(do())
            except OSError as error:
                found.append((type(error), str(error)))
    return found


@pytest.mark.parametrize("programs", [receiving, sending, connecting, accepting])
def test_a_wait_ends_with_the_limit_of_the_system(
    programs: Callable[[ExitStack], Iterator[Do]],
) -> None:
    assert outcomes(programs, recorded=True) == outcomes(programs, recorded=False)


def test_a_sendall_that_got_a_part_across_tries_once_more(recorded: None) -> None:
    a, b = socket.socketpair()
    limited(a, socket.SO_SNDTIMEO)
    with a, b:
        began = time.monotonic()
        with pytest.raises(BlockingIOError):
            a.sendall(MUCH)
        assert time.monotonic() - began >= 0.06
        assert 0 < calls("sendall")[0].size < len(MUCH)
