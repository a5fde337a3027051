"""Lesson 04: greetings, in other ways."""

from __future__ import annotations

import asyncio
import selectors
import socket
import socketserver
import threading
from collections.abc import Callable
from typing import Any


def _greeting(port: int) -> bytes:
    return f"your port is {port}\n".encode()


def greet_by_threads(listener: socket.socket) -> None:
    def serve(conn: socket.socket) -> None:
        with conn:
            conn.sendall(_greeting(conn.getpeername()[1]))

    threads = []
    for _ in range(3):
        conn, _ = listener.accept()
        threads.append(threading.Thread(target=serve, args=(conn,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def greet_by_file(listener: socket.socket) -> None:
    for _ in range(3):
        conn, (_, port) = listener.accept()
        with conn, conn.makefile("w", newline="\n") as file:
            print("your port is", port, file=file)


def greet_byte_by_byte(listener: socket.socket) -> list[int]:
    ports = []
    while len(ports) < 3:
        conn, (_, port) = listener.accept()
        for byte in _greeting(port):
            conn.send(bytes([byte]))
        conn.shutdown(socket.SHUT_RDWR)
        conn.close()
        ports.append(port)
    return ports


def greet_by_selector(listener: socket.socket) -> None:
    listener.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        left = 3
        while left:
            for _ in selector.select():
                conn, (_, port) = listener.accept()
                with conn:
                    conn.sendall(_greeting(port))
                left -= 1
    listener.setblocking(True)


def greet_by_socketserver(listener: socket.socket) -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(_greeting(self.client_address[1]))

    server = socketserver.TCPServer(listener.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    for _ in range(3):
        server.handle_request()


def greet_by_asyncio(listener: socket.socket) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            conn, (_, port) = await loop.sock_accept(listener)
            with conn:
                await loop.sock_sendall(conn, _greeting(port))

    listener.setblocking(False)
    asyncio.run(serve())
    listener.setblocking(True)


WAYS: dict[str, dict[str, Callable[..., Any]]] = {
    "greet": {
        "threads": greet_by_threads,
        "makefile": greet_by_file,
        "byte by byte": greet_byte_by_byte,
        "selectors": greet_by_selector,
        "socketserver": greet_by_socketserver,
        "asyncio": greet_by_asyncio,
    },
}
