"""What most tests need: a server, a connection, and the calls that were recorded."""

from __future__ import annotations

import socket

from helpers import LiveServer
from helpers.record.events import Event
from helpers.record.record import record

HERE = ("127.0.0.1", 0)
PLAIN = socket.socket
"""The class as it is while nothing is recorded."""

Connection = tuple[socket.socket, socket.socket]
"""A client, and the socket that accept() made for it."""


def echo_server() -> None:
    """Echo to one client after the other."""
    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    conn.sendall(data)


def echo(conn: socket.socket) -> None:
    """Echo to one client, as a thread of a server does."""
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)


def doubler(listener: socket.socket, times: int = 2) -> None:
    """Answer one client once."""
    with listener.accept()[0] as conn:
        conn.sendall(times * conn.recv(1024))


def connected(listener: socket.socket) -> socket.socket:
    """A client of this listener."""
    return socket.create_connection(listener.getsockname())


def new_connection() -> Connection:
    """One that the caller closes."""
    with socket.create_server(HERE) as listener:
        client = connected(listener)
        conn, _ = listener.accept()
    return client, conn


def calls(name: str) -> list[Event]:
    """The recorded calls of this method."""
    return [each for each in record.events() if each.call == name]


def recv_exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        assert part, "the other side closed"
        data += part
    return data


def marked_line(server: LiveServer) -> str:
    """The line at which the arrow of its `where` points."""
    lines = [line for line in str(server.settle().where).splitlines() if line.startswith("--->")]
    assert lines, str(server.where)
    return lines[-1]
