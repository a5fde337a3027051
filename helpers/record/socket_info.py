"""What the recorder knows of each socket while it happens."""

from __future__ import annotations

import itertools
import socket
from typing import Any

from helpers.record.datagrams import DatagramQueue
from helpers.record.events import Role
from helpers.record.streams import Endpoint, Timestamp
from helpers.record.wire import Listener
from helpers.variables import variable_of

NAME_TRIES = 8
"""Calls after which a socket without a variable of its own stays nameless."""

numbers = itertools.count(1)


def next_number() -> int:
    """A number of its own for a call or a socket: larger than all before it."""
    return next(numbers)


class SocketInfo:
    """What the recorder knows of one socket object."""

    __slots__ = (
        "aborts",
        "datagram_queue",
        "endpoint",
        "given_out",
        "leaving",
        "listener",
        "local",
        "messages",
        "name",
        "name_tries",
        "number",
        "pair",
        "peer",
        "plain_name",
        "role",
        "stream",
        "used",
        "wrapped",
    )

    def __init__(self, used: int, stream: bool, name: str = "") -> None:
        self.number = next_number()
        self.name = name
        self.name_tries = NAME_TRIES
        self.plain_name = ""
        """Its name before it was wrapped in TLS, which gives it an object of another name."""
        self.wrapped = 0
        """Calls with a number above this one are made on the TLS socket."""
        self.used = used
        """Lamport time of the last call on it that is over: whoever uses it comes later."""
        self.stream = stream
        self.messages = False
        """SOCK_SEQPACKET: connected as a stream is, and what one call sends stays together."""
        self.pair: DatagramQueue | None = None
        """Where its datagrams go, if socketpair() made it."""
        self.endpoint: Endpoint | None = None
        self.listener: Listener | None = None
        self.datagram_queue: DatagramQueue | None = None
        self.local: Any = None
        self.peer: Any = None
        self.role: Role = ""
        self.given_out = False
        """The program knows the number of its descriptor. So anything may close it, unseen."""
        self.leaving: Timestamp | None = None
        """The call that has closed it, while another one still waits on the open file."""
        self.aborts = False
        """SO_LINGER is on with zero seconds: close() resets the connection."""

    @property
    def connects(self) -> bool:
        """Whether it can be one end of a connection. A datagram socket has only addresses."""
        return self.stream or self.messages

    def wrap(self) -> None:
        """A TLS socket is about to be made of its socket, and goes on with it."""
        self.plain_name, self.name, self.name_tries = self.name, "", NAME_TRIES
        self.wrapped = next_number()

    def be_the_same_as(self, other: SocketInfo) -> None:
        """Its object was made for the same open socket as the other one's."""
        self.endpoint, self.listener = other.endpoint, other.listener
        self.datagram_queue, self.pair = other.datagram_queue, other.pair
        self.messages = other.messages
        self.local, self.peer, self.role, self.used = (
            other.local,
            other.peer,
            other.role,
            other.used,
        )

    def learn_name(self, sock: socket.socket) -> None:
        """Look for the learner's variable, if it has been given to the learner yet."""
        found = variable_of(sock)
        if found is not None:
            self.name_tries -= 1
            self.name = found


def info_of(value: Any) -> SocketInfo | None:
    """What is known of a recorded socket, or of the socket that a `socketserver` object holds."""
    info = getattr(value, "_info", None)
    if not isinstance(info, SocketInfo):
        info = getattr(getattr(value, "socket", None), "_info", None)
    return info if isinstance(info, SocketInfo) else None
