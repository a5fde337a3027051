"""Lesson 07: ending well, in other ways."""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from typing import Any


def by_hand(address: Any, question: bytes) -> bytes:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        rest = memoryview(question)
        while rest:
            rest = rest[sock.send(rest) :]
        sock.shutdown(socket.SHUT_WR)
        pieces = []
        while piece := sock.recv(1024 * 1024):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        sock.close()


def by_asyncio(address: Any, question: bytes) -> bytes:
    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection(*address)
        try:
            writer.write(question)
            await writer.drain()
            writer.write_eof()
            return await reader.read()
        finally:
            writer.close()

    return asyncio.run(talk())


def by_two_threads(address: Any, question: bytes) -> bytes:
    with socket.create_connection(address) as sock:

        def send() -> None:
            sock.sendall(question)
            sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        reply = bytearray()
        while piece := sock.recv(65536):
            reply += piece
        sender.join()
        return bytes(reply)


def by_selector(address: Any, question: bytes) -> bytes:
    rest, reply = memoryview(question), bytearray()
    with socket.create_connection(address) as sock, selectors.DefaultSelector() as selector:
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            for _, ready in selector.select():
                if ready & selectors.EVENT_WRITE:
                    rest = rest[sock.send(rest) :]
                    if not rest:
                        sock.shutdown(socket.SHUT_WR)
                        selector.modify(sock, selectors.EVENT_READ)
                if ready & selectors.EVENT_READ:
                    piece = sock.recv(65536)
                    if not piece:
                        return bytes(reply)
                    reply += piece


def with_a_timeout(address: Any, question: bytes) -> bytes:
    with socket.create_connection(address, timeout=30) as sock:
        sock.sendall(question)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


WAYS = {
    "ask": {
        "by hand": by_hand,
        "asyncio": by_asyncio,
        "two threads": by_two_threads,
        "selectors": by_selector,
        "a timeout": with_a_timeout,
    },
}
