"""Lesson 03: a listener, in other ways."""

from __future__ import annotations

import asyncio
import socket
import socketserver
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any


def listener_by_socketserver(backlog: int) -> socket.socket:
    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = backlog

    return Server(("127.0.0.1", 0), socketserver.StreamRequestHandler).socket


def listener_by_stack(backlog: int) -> socket.socket:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.setblocking(False)
        listener.bind(("localhost", 0))
        listener.listen(backlog)
        stack.pop_all()
        return listener


def listener_by_descriptor(backlog: int) -> socket.socket:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        return socket.socket(fileno=listener.detach())


def listener_twice(backlog: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.listen(backlog)  # the last word counts
    return listener


def listener_by_asyncio(backlog: int) -> socket.socket:
    async def serve() -> socket.socket:
        server = await asyncio.get_running_loop().create_server(
            asyncio.Protocol, "127.0.0.1", 0, backlog=backlog
        )
        async with server:
            return server.sockets[0].dup()

    return asyncio.run(serve())


def listener_by_thread(backlog: int) -> socket.socket:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(socket.create_server, ("127.0.0.1", 0), backlog=backlog).result()


WAYS: dict[str, dict[str, Callable[..., Any]]] = {
    "open_listener": {
        "socketserver": listener_by_socketserver,
        "ExitStack": listener_by_stack,
        "descriptor": listener_by_descriptor,
        "listen() twice": listener_twice,
        "asyncio": listener_by_asyncio,
        "a thread": listener_by_thread,
    },
}
