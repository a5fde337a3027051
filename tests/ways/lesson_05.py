"""Lesson 05: reading, in other ways."""

from __future__ import annotations

import selectors
import socket


def exactly_by_file(sock: socket.socket, n: int) -> bytes:
    with sock.makefile("rb", buffering=0) as file:
        data = b""
        while len(data) < n:
            piece = file.read(n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data


def exactly_by_selector(sock: socket.socket, n: int) -> bytes:
    data = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while len(data) < n:
            selector.select()
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data.extend(piece)
    return bytes(data)


def exactly_by_one(sock: socket.socket, n: int) -> bytes:
    pieces = []
    for _ in range(n):
        piece = sock.recv(1)
        if not piece:
            raise EOFError
        pieces.append(piece)
    return b"".join(pieces)


WAYS = {
    "read_exactly": {
        "makefile": exactly_by_file,
        "selectors": exactly_by_selector,
        "one byte": exactly_by_one,
    },
}
