"""Sockets for kernel_view() to look at."""

from __future__ import annotations

import re
import select
import socket
from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st

from helpers.kernel.view import NOT_AVAILABLE, KernelSocket, kernel_view
from helpers.text import distinct

LOOPBACK = "127.0.0.1"


class Room:
    """Sockets that are closed when the test ends."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack

    def keep(self, sock: socket.socket) -> socket.socket:
        return self.stack.enter_context(sock)

    def listener(self, backlog: int = 5) -> socket.socket:
        listener = self.keep(socket.socket())
        listener.bind((LOOPBACK, 0))
        listener.listen(backlog)
        return listener

    def client(self, listener: socket.socket) -> socket.socket:
        return self.keep(socket.create_connection(listener.getsockname()[:2]))

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """The client and the accepted socket of one connection."""
        with self.listener() as listener:
            client = self.client(listener)
            return client, self.keep(listener.accept()[0])


def wait_until_readable(sock: socket.socket) -> None:
    readable, _, _ = select.select([sock], [], [], 5)
    assert readable, "nothing arrived in 5 seconds"


def address_of(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"{host}:{port}"


def without_ports(text: str) -> str:
    return re.sub(r":\d{4,5}\b", ":PORT", text)


def rows_in_use(address: tuple[Any, ...]) -> list[KernelSocket]:
    """The rows of an address, without those that an older test left in TIME_WAIT."""
    return [row for row in kernel_view(address) if row.state != "TIME_WAIT"]


def send_until_full(sock: socket.socket) -> int:
    """How many bytes a non-blocking socket takes while nobody reads."""
    taken = 0
    try:
        while True:
            taken += sock.send(bytes(1_000_000))
    except BlockingIOError:
        return taken


STATES = ["LISTEN", "SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "CLOSE_WAIT", "TIME_WAIT", "CLOSE"]
counts = st.none() | st.integers(0, 2**32) | st.just(NOT_AVAILABLE)
texts = st.text(min_size=1, max_size=60).map(distinct)
hosts = st.sampled_from(
    ["127.0.0.1", "255.255.255.255", "[2001:db8:1111:2222:3333:4444:5555:6666]"]
)
addresses = st.builds("{}:{}".format, hosts, st.integers(1, 65535)) | texts | st.just("-")
rows = st.builds(
    KernelSocket,
    name=texts,
    kind=st.sampled_from(["TCP", "UDP", "Unix", "other"]),
    state=st.none() | st.sampled_from(STATES) | st.just(NOT_AVAILABLE),
    local=addresses,
    remote=addresses,
    to_read=counts,
    unacknowledged=counts,
    queue_used=st.none() | st.integers(0, 65535) | st.just(NOT_AVAILABLE),
    queue_limit=st.none() | st.integers(0, 65535) | st.just(NOT_AVAILABLE),
)
