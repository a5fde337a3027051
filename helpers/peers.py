"""Peers that misbehave on purpose: the clients that a program meets sooner or later.

Each one is a short function with a plain socket. It never waits for a clock: between two of its
steps it waits until the other side has done all it can (`server.settle()`). So what it does to
your program is the same in every run.

    client = peers.connect(server.address)
    peers.one_byte_at_a_time(client, "안녕".encode(), server)

`server` is your `LiveServer`; anything with a method `settle()` will do.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

__all__ = [
    "arrive",
    "close_without_data",
    "connect",
    "cut_in_half",
    "flood",
    "glued",
    "half_close",
    "in_pieces",
    "in_reverse",
    "one_byte_at_a_time",
    "reset",
    "silent",
    "slow_reader",
]

TINY_BUFFER = 4096
"""Bytes of SO_RCVBUF that `slow_reader` is meant for; each system rounds it in its own way."""

LINGER_ZERO = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER on, with zero seconds: close() then sends a reset (RFC 9293, 3.6)."""

_PIECE = 65536


class Settles(Protocol):
    """Somebody who can be waited for: a `LiveServer`."""

    def settle(self) -> Any:
        """Wait until it has done all it can."""


def connect(address: Any, receive_buffer: int | None = None) -> socket.socket:
    """A client that is connected to `address`.

    `receive_buffer` is its SO_RCVBUF in bytes. It has to be set before the connection is made,
    because the size of the TCP window comes from it (man 7 tcp).
    """
    client = socket.socket()
    try:
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(address)
    except BaseException:
        client.close()
        raise
    return client


def arrive(address: Any, count: int, server: Settles) -> list[socket.socket]:
    """`count` clients that connect one after another, and say nothing yet."""
    clients: list[socket.socket] = []
    try:
        for _ in range(count):
            clients.append(connect(address))
            server.settle()
    except BaseException:
        for client in clients:
            client.close()
        raise
    return clients


def in_pieces(sock: socket.socket, pieces: Iterable[bytes], server: Settles) -> None:
    """Send each piece alone: the server has taken what it wants of it before the next one."""
    for piece in pieces:
        sock.sendall(piece)
        server.settle()


def one_byte_at_a_time(sock: socket.socket, data: bytes, server: Settles) -> None:
    """Send each byte alone."""
    in_pieces(sock, (data[place : place + 1] for place in range(len(data))), server)


def glued(sock: socket.socket, messages: Iterable[bytes], server: Settles) -> None:
    """Send several messages in one piece: the stream has no boundaries between them."""
    in_pieces(sock, [b"".join(messages)], server)


def cut_in_half(sock: socket.socket, text: str, server: Settles) -> None:
    """Send the text as UTF-8, cut in the middle of its first character of several bytes.

    Raises ValueError if there is none: `"abc"` cannot be cut.
    """
    for place, character in enumerate(text):
        if len(character.encode()) > 1:
            cut = len(text[:place].encode()) + 1
            data = text.encode()
            in_pieces(sock, [data[:cut], data[cut:]], server)
            return
    raise ValueError(f"Each character of {text!r:.60} is one byte in UTF-8. Take one such as '안'.")


def silent(sock: socket.socket, server: Settles) -> None:
    """Say nothing, and stay connected."""
    server.settle()


def half_close(sock: socket.socket, server: Settles) -> None:
    """End this side with FIN, and go on reading."""
    sock.shutdown(socket.SHUT_WR)
    server.settle()


def close_without_data(sock: socket.socket, server: Settles) -> None:
    """Close, and never have said anything."""
    sock.close()
    server.settle()


def reset(sock: socket.socket, server: Settles) -> None:
    """Break the connection off: the other side gets ConnectionResetError, not an end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    sock.close()
    server.settle()


def slow_reader(sock: socket.socket, server: Settles, piece: int = TINY_BUFFER) -> bytes:
    """Read nothing until the other side can send no more; then read to the end, in small pieces."""
    server.settle()
    data = bytearray()
    while received := sock.recv(piece):
        data += received
    return bytes(data)


def flood(sock: socket.socket, data: bytes, server: Settles) -> bytes:
    """Send as fast as it goes and read nothing; read only when nothing more can be sent.

    Returns what has come back by the time when all is sent. More may come.
    """
    came = bytearray()
    rest = memoryview(data)
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        while rest:
            try:
                rest = rest[sock.send(rest[:_PIECE]) :]
            except BlockingIOError:
                server.settle()
                if not _take(sock, came):
                    # It sends nothing, so it must be reading. If it is not, this is a Deadlock.
                    sock.settimeout(None)
                    rest = rest[sock.send(rest[:1]) :]
                    sock.settimeout(0)
    finally:
        sock.settimeout(timeout)
    return bytes(came)


def _take(sock: socket.socket, came: bytearray) -> int:
    """Read what is there, without waiting. How many bytes it was."""
    before = len(came)
    while True:
        try:
            received = sock.recv(_PIECE)
        except BlockingIOError:
            return len(came) - before
        if not received:
            return len(came) - before
        came += received


def in_reverse(
    clients: Sequence[socket.socket], messages: Sequence[bytes], server: Settles
) -> None:
    """Each client sends its message in two halves, the last client first each time.

    The clients have arrived in their order (`arrive`). A server that serves one at a time
    waits for the first, which speaks last; the queue of its listener cannot hide that.
    """
    pairs = list(zip(clients, messages, strict=True))
    for second in (False, True):
        for client, message in reversed(pairs):
            middle = len(message) // 2
            in_pieces(client, [message[middle:] if second else message[:middle]], server)
