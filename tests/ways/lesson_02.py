"""Lesson 02: a free local port, in other ways."""

from __future__ import annotations

import asyncio
import socket
import socketserver
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any


def free_by_name() -> tuple[socket.socket, int]:
    listener = socket.socket()
    listener.bind(("localhost", 0))
    _, port = listener.getsockname()
    return listener, port


def free_by_search() -> list[Any]:
    listener = socket.socket()
    for port in range(20_000, 21_000):
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        return [listener, port]
    raise OSError("no port is free")


def free_by_socketserver() -> tuple[socket.socket, Any]:
    server = socketserver.TCPServer(
        ("127.0.0.1", 0), socketserver.BaseRequestHandler, bind_and_activate=False
    )
    server.server_bind()
    return server.socket, server.server_address[1]


def free_by_stack() -> tuple[socket.socket, int]:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.settimeout(5)
        listener.bind(("127.0.0.1", 0))
        stack.pop_all()
    return listener, listener.getsockname()[1]


def free_by_asyncio() -> tuple[socket.socket, int]:
    async def bind() -> socket.socket:
        server = await asyncio.get_running_loop().create_server(
            asyncio.Protocol, "127.0.0.1", 0, start_serving=False
        )
        async with server:
            return server.sockets[0].dup()

    listener = asyncio.run(bind())
    return listener, listener.getsockname()[1]


def free_by_thread() -> tuple[socket.socket, int]:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(free_by_name).result()


WAYS: dict[str, dict[str, Callable[..., Any]]] = {
    "free_listener": {
        "a name": free_by_name,
        "a search": free_by_search,
        "socketserver": free_by_socketserver,
        "ExitStack": free_by_stack,
        "asyncio": free_by_asyncio,
        "a thread": free_by_thread,
    },
}
