"""Lesson 06: writing, in other ways."""

from __future__ import annotations

import asyncio
import mmap
import selectors
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def all_by_selector(sock: socket.socket, data: bytes) -> None:
    rest = memoryview(data)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while rest:
            selector.select()
            rest = rest[sock.send(rest) :]


def all_in_small_slices(sock: socket.socket, data: bytes) -> None:
    sent = 0
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while sent < len(data):
            try:
                sent += sock.send(data[sent : sent + 65536])
            except BlockingIOError:
                selector.select()


def all_by_asyncio(sock: socket.socket, data: bytes) -> None:
    async def send() -> None:
        await asyncio.get_running_loop().sock_sendall(sock, data)

    asyncio.run(send())


def all_in_a_thread(sock: socket.socket, data: bytes) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(all_while_it_blocks, sock, data).result()


def all_while_it_blocks(sock: socket.socket, data: bytes) -> None:
    timeout = sock.gettimeout()
    sock.settimeout(None)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[sock.send(rest) :]
    finally:
        sock.settimeout(timeout)


def file_by_sendfile(sock: socket.socket, path: Path) -> int:
    with open(path, "rb") as file:
        return sock.sendfile(file)


def file_into_one_buffer(sock: socket.socket, path: Path) -> int:
    buffer = bytearray(65536)
    total = 0
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            sock.sendall(memoryview(buffer)[:count])
            total += count
    return total


def file_in_pieces_of_a_mebibyte(sock: socket.socket, path: Path) -> int:
    total = 0
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            sock.sendall(piece)
            total += len(piece)
    return total


def file_by_mmap(sock: socket.socket, path: Path) -> int:
    size = path.stat().st_size
    with path.open("rb") as file:
        for start in range(0, size, mmap.ALLOCATIONGRANULARITY):
            length = min(mmap.ALLOCATIONGRANULARITY, size - start)
            with mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=start) as view:
                sock.sendall(view[:])
    return size


def file_read_by_a_thread(sock: socket.socket, path: Path) -> int:
    total = 0
    with open(path, "rb") as file, ThreadPoolExecutor(1) as pool:
        piece = file.read(65536)
        while piece:
            following = pool.submit(file.read, 65536)
            sock.sendall(piece)
            total += len(piece)
            piece = following.result()
    return total


WAYS = {
    "send_all": {
        "selectors": all_by_selector,
        "small slices": all_in_small_slices,
        "asyncio": all_by_asyncio,
        "a thread": all_in_a_thread,
        "blocking for a while": all_while_it_blocks,
    },
    "send_file": {
        "sendfile": file_by_sendfile,
        "one buffer": file_into_one_buffer,
        "pieces of a mebibyte": file_in_pieces_of_a_mebibyte,
        "mmap": file_by_mmap,
        "a thread reads": file_read_by_a_thread,
    },
}
