"""The message server and random streams: memory stays flat, and nobody else is disturbed."""

from __future__ import annotations

import itertools
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
from running import LIMIT, MessageServer, message_client_module, reset

SIZE = 5000
"""Bytes that a message may have here."""

GROWTH = 4_000_000
"""Bytes by which the server's memory may differ: the stacks of some threads, not one a client."""

"""Bytes by which the server's memory may differ: the stacks of some threads, not one a client."""

WHOLE = [b"", b"\0", b"hello", bytes(range(256)), b"\n" * SIZE]
HALVES = [
    b"",
    b"\0",
    b"\0\0\0",
    b"\0\0\0\5hell",
    b"\0\0\0\5",
    b"\xff\xff\xff\xff",
    b"GET / HTTP/1.1\r\n",
]


def framed(message: bytes) -> bytes:
    return struct.pack("!I", len(message)) + message


def stream(chance: random.Random) -> tuple[bytes, bytes]:
    """What a client sends, and of it the whole messages that must come back."""
    whole = b"".join(framed(chance.choice(WHOLE)) for _ in range(chance.randint(0, 4)))
    if chance.random() < 0.2:
        tail = struct.pack("!I", chance.randint(SIZE + 1, 2**32 - 1)) + chance.randbytes(50)
    else:
        tail = chance.choice(HALVES)
    return whole + tail, whole


def pieces(chance: random.Random, data: bytes) -> Iterator[bytes]:
    cuts = sorted(chance.choices(range(len(data) + 1), k=chance.randint(0, 6)))
    for start, stop in itertools.pairwise([0, *cuts, len(data)]):
        yield data[start:stop]


def send(chance: random.Random, sock: socket.socket, data: bytes) -> bool:
    """Send it in pieces. Whether the server has not closed meanwhile."""
    try:
        for piece in pieces(chance, data):
            sock.sendall(piece)
    except ConnectionError:
        return False
    return True


def answers(sock: socket.socket) -> tuple[bytes, bool]:
    """End this side, and read. What came, and whether it came to a graceful end."""
    came, graceful = b"", True
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:  # the server has closed, and that by a reset: nothing is connected
        graceful = False
    try:
        while data := sock.recv(65536):
            came += data
    except ConnectionError:
        graceful = False
    return came, graceful


def one_stream(chance: random.Random, server: MessageServer) -> None:
    """A client that sends a random stream, and ends, breaks off, floods or looks at the answers."""
    sent, wanted = stream(chance)
    how = chance.choice(["looks", "looks", "closes", "resets", "floods"])
    with socket.create_connection(server.address, timeout=LIMIT) as sock:
        all_sent = send(chance, sock, sent)
        if how == "looks":
            came, ended = answers(sock)
            assert came == wanted if all_sent and ended else wanted.startswith(came)
        elif how == "floods":
            flood(sock)
        if how in ("resets", "floods"):
            reset(sock)


def flood(sock: socket.socket) -> None:
    """Send as much as there is room for, and read nothing."""
    sock.setblocking(False)
    with suppress(BlockingIOError, ConnectionError):
        while True:
            sock.send(framed(bytes(SIZE)) * 20)


def resident(server: MessageServer) -> int:
    return int(psutil.Process(server.popen.pid).memory_info().rss)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.weekly)])
def test_random_streams_disturb_nobody_and_no_memory_grows(count: int) -> None:
    chance = random.Random(count)
    with (
        MessageServer("--size", str(SIZE)) as server,
        socket.create_connection(server.address, timeout=LIMIT) as other,
    ):
        for number in range(count):
            if number == count // 2:  # the allocator has touched most of what it will ever touch
                before = resident(server)
            one_stream(chance, server)
            message = b"%d" % number
            assert message_client_module.ask(other, message, SIZE, LIMIT) == message
        assert resident(server) - before < GROWTH
