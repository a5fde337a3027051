"""Five ways to have a server in the background of a program.

Rules of this file:

- Each is a block: inside it the server runs, and the block has its address.
- Each is written as its documentation shows it, with nothing tuned.
- When the block is left, the server has ended and its thread is gone.
"""

from __future__ import annotations

import asyncio
import socket
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from helpers import LiveServer

Address = tuple[str, int]

HERE = ("127.0.0.1", 0)


def serve(listener: socket.socket) -> None:
    """Echo to one client after the other."""
    while True:
        conn, _ = listener.accept()
        with conn:
            while data := conn.recv(65536):
                conn.sendall(data)


# --- the course's own ---------------------------------------------------------------------------


def echo_server() -> None:
    """What a learner writes."""
    with socket.create_server(HERE) as listener:
        serve(listener)


@contextmanager
def live_server() -> Iterator[Address]:
    """LiveServer. Sockets must be recorded."""
    with LiveServer(echo_server) as server:
        yield server.address


# --- what one would use instead -----------------------------------------------------------------


@contextmanager
def hand_written_thread() -> Iterator[Address]:
    """A thread, and a listener that is shut down to wake it."""
    listener = socket.create_server(HERE)
    thread = threading.Thread(target=_serve_until_closed, args=(listener,), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        with suppress(OSError):  # macOS: a listener is not connected, and close() wakes accept()
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _serve_until_closed(listener: socket.socket) -> None:
    with suppress(OSError):
        serve(listener)


@contextmanager
def asyncio_in_a_thread() -> Iterator[Address]:
    """An event loop of its own, ended through an asyncio.Event."""
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, Address]] = Future()

    async def main() -> None:
        stop = asyncio.Event()
        server = await asyncio.start_server(_echo_stream, *HERE)
        async with server:
            address = server.sockets[0].getsockname()
            ready.set_result((asyncio.get_running_loop(), stop, address))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    loop, stop, address = ready.result()
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _echo_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(65536):
            self.request.sendall(data)


@contextmanager
def socketserver_in_a_thread() -> Iterator[Address]:
    """serve_forever() in a thread, as the documentation of socketserver shows it."""
    with socketserver.ThreadingTCPServer(HERE, _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host, port = server.socket.getsockname()
        try:
            yield host, port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def http_server() -> Iterator[Address]:
    """pytest-httpserver, as its fixture starts and stops it."""
    with HTTPServer(host=HERE[0], port=HERE[1]) as server:
        server.expect_request("/").respond_with_handler(_echo_request)
        yield server.host, server.port


def _echo_request(request: Request) -> Response:
    return Response(request.get_data())
