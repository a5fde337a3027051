"""Lesson 05: reading, in other ways."""

from __future__ import annotations

import asyncio
import codecs
import re
import selectors
import socket
from collections.abc import Iterator


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


def exactly_by_all(sock: socket.socket, n: int) -> bytes:
    data = sock.recv(n, socket.MSG_WAITALL)
    if len(data) < n:
        raise EOFError
    return data


def exactly_by_asyncio(sock: socket.socket, n: int) -> bytes:
    async def read() -> bytes:
        loop = asyncio.get_running_loop()
        data = b""
        while len(data) < n:
            piece = await loop.sock_recv(sock, n - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    sock.setblocking(False)
    try:
        return asyncio.run(read())
    finally:
        sock.setblocking(True)


def lines_by_one(sock: socket.socket) -> Iterator[bytes]:
    line = b""
    while byte := sock.recv(1):
        if byte == b"\n":
            yield line
            line = b""
        else:
            line += byte
    if line:
        yield line


def lines_by_split(sock: socket.socket) -> Iterator[bytes]:
    rest = b""
    for data in iter(lambda: sock.recv(8), b""):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    yield from filter(None, [rest])


class LineReader:
    """An iterator that is no generator."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._ended = False

    def __iter__(self) -> LineReader:
        return self

    def __next__(self) -> bytes:
        while not self._ended and b"\n" not in self._buffer:
            data = self._sock.recv(100)
            self._ended = not data
            self._buffer += data
        if not self._buffer:
            raise StopIteration
        line, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        return bytes(line)


def lines_by_pattern(sock: socket.socket) -> Iterator[bytes]:
    buffer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while True:
            selector.select()
            data = sock.recv(2000)
            if not data:
                break
            buffer += data
            found = re.findall(rb"([^\n]*)\n", buffer)
            buffer = buffer[sum(len(line) + 1 for line in found) :]
            yield from found
    if buffer:
        yield buffer


def text_by_file(sock: socket.socket) -> str:
    with sock.makefile("r", encoding="utf-8", newline="") as file:
        return file.read()


def text_by_iterdecode(sock: socket.socket) -> str:
    return "".join(codecs.iterdecode(iter(lambda: sock.recv(3), b""), "utf-8"))


def text_by_buffer(sock: socket.socket) -> str:
    buffer = bytearray(10)
    data = b""
    while count := sock.recv_into(buffer):
        data += buffer[:count]
    return str(data, "utf-8")


WAYS = {
    "read_exactly": {
        "makefile": exactly_by_file,
        "selectors": exactly_by_selector,
        "one byte": exactly_by_one,
        "MSG_WAITALL": exactly_by_all,
        "asyncio": exactly_by_asyncio,
    },
    "read_lines": {
        "one byte": lines_by_one,
        "split": lines_by_split,
        "iterator": LineReader,
        "selectors": lines_by_pattern,
    },
    "read_text": {
        "makefile": text_by_file,
        "iterdecode": text_by_iterdecode,
        "recv_into": text_by_buffer,
    },
}
