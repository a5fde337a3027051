"""Peers that misbehave on purpose: the clients that a program meets sooner or later.

    client = peers.connect(server.address)
    peers.one_byte_at_a_time(client, "안녕".encode(), server)

Rules of this file:

- Each peer is a short function with a plain socket. `server` is your `LiveServer`. Anything with a
  method `settle()` will do.
- None waits for a clock. After each step it waits until the other side has done all it can
  (`server.settle()`). So it does the same to your program in every run.
- The errors of the socket are not caught: OSError if the connection is broken, `Deadlock` if both
  sides wait. A function that makes a socket closes it when it fails.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from helpers.addresses import is_ipv6
from helpers.words import HELPERS

__all__ = [
    "arrive",
    "close_without_data",
    "connect",
    "cut_in_half",
    "fill",
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
"""The most bytes of one send() or recv() of `fill` and `flood`."""


class Settles(Protocol):
    """Somebody who can be waited for: a `LiveServer`."""

    def settle(self) -> Any:
        """Wait until it has done all it can."""


def connect(address: Any, receive_buffer: int | None = None) -> socket.socket:
    """Return a client that is connected to `address`, such as `server.address`.

    `receive_buffer` is its SO_RCVBUF in bytes. It is set before the connection is made,
    because the size of the TCP window comes from it (man 7 tcp).
    """
    client = socket.socket(socket.AF_INET6 if is_ipv6(address) else socket.AF_INET)
    try:
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(address)
    except BaseException:
        client.close()
        raise
    return client


def arrive(address: Any, count: int, server: Settles) -> list[socket.socket]:
    """Return `count` clients. They connect one after another, and send nothing yet."""
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
    """Send each piece alone: the server has read what it wants of it before the next is sent."""
    for piece in pieces:
        sock.sendall(piece)
        server.settle()


def one_byte_at_a_time(sock: socket.socket, data: bytes, server: Settles) -> None:
    """Send each byte alone."""
    in_pieces(sock, (data[index : index + 1] for index in range(len(data))), server)


def glued(sock: socket.socket, messages: Iterable[bytes], server: Settles) -> None:
    """Send several messages with one call: the stream has no boundaries between them."""
    in_pieces(sock, [b"".join(messages)], server)


def cut_in_half(sock: socket.socket, text: str, server: Settles) -> None:
    """Send the text as UTF-8 in two pieces, cut inside its first character of several bytes.

    Raises ValueError if there is no such character: `"abc"` cannot be cut.
    """
    for index, character in enumerate(text):
        if len(character.encode()) > 1:
            cut = len(text[:index].encode()) + 1
            data = text.encode()
            in_pieces(sock, [data[:cut], data[cut:]], server)
            return
    raise ValueError(HELPERS("refused.no character", text=f"{text!r:.60}"))


def silent(sock: socket.socket, server: Settles) -> None:
    """Send nothing, and stay connected."""
    server.settle()


def half_close(sock: socket.socket, server: Settles) -> None:
    """Send FIN: this side has nothing more to send, and can still read."""
    sock.shutdown(socket.SHUT_WR)
    server.settle()


def close_without_data(sock: socket.socket, server: Settles) -> None:
    """Close without having sent anything."""
    sock.close()
    server.settle()


def reset(sock: socket.socket, server: Settles) -> None:
    """Close with a reset: the other side gets ConnectionResetError, and no end of the stream."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    sock.close()
    server.settle()


def slow_reader(sock: socket.socket, server: Settles, piece: int = TINY_BUFFER) -> bytes:
    """Read nothing until the other side can send no more. Then read all, and return it.

    `piece` is the most bytes of one recv().
    """
    server.settle()
    data = bytearray()
    while received := sock.recv(piece):
        data += received
    return bytes(data)


def fill(sock: socket.socket, server: Settles, most: int = 20_000_000) -> int:
    """Send zeros, and read nothing, until nothing more goes. Return how many bytes were sent.

    Not more than about `most`: somebody may take and keep everything. The timeout of the socket is
    kept.
    """
    sent = 0
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        with suppress(BlockingIOError):
            while sent < most:
                try:
                    sent += sock.send(bytes(_PIECE))
                except BlockingIOError:
                    server.settle()
                    sent += sock.send(bytes(_PIECE))
    finally:
        sock.settimeout(timeout)
    return sent


def flood(sock: socket.socket, data: bytes, server: Settles) -> bytes:
    """Send all of `data`, and read only when nothing more can be sent.

    Returns what was read until all was sent. More may come. The timeout of the socket is kept.
    """
    received = bytearray()
    rest = memoryview(data)
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        while rest:
            try:
                rest = rest[sock.send(rest[:_PIECE]) :]
            except BlockingIOError:
                server.settle()
                if not _read_available(sock, received):
                    # It sends nothing, so it must be reading. If it is not, this is a Deadlock.
                    sock.settimeout(None)
                    rest = rest[sock.send(rest[:1]) :]
                    sock.settimeout(0)
    finally:
        sock.settimeout(timeout)
    return bytes(received)


def _read_available(sock: socket.socket, received: bytearray) -> int:
    """Add to `received` what can be read without waiting. Return how many bytes that was."""
    before = len(received)
    with suppress(BlockingIOError):
        while piece := sock.recv(_PIECE):
            received += piece
    return len(received) - before


def in_reverse(
    clients: Sequence[socket.socket], messages: Sequence[bytes], server: Settles
) -> None:
    """Each client sends its message in two halves, the last client first each time.

    The clients have connected in their order (`arrive`). So a server that serves one client at a
    time waits for the first one, which sends last.

    Raises ValueError if there are not as many messages as clients.
    """
    pairs = list(zip(clients, messages, strict=True))
    for second in (False, True):
        for client, message in reversed(pairs):
            middle = len(message) // 2
            in_pieces(client, [message[middle:] if second else message[:middle]], server)
