"""The server that most tests need."""

from __future__ import annotations

import socket

HERE = ("127.0.0.1", 0)


def echo_server() -> None:
    """Echo to one client after the other."""
    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    conn.sendall(data)
