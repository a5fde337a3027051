"""One row of a kernel view, and the questions that every system answers in the same way.

Rules of this file:

- Every question goes to `_socket.socket`, the C class below `socket.socket`. So a
  subclass that notes its calls notes none of these.
- No question changes anything: no receive, no change of the blocking mode or the timeout.
- Any socket may be closed by another thread at any moment. Then the answer is None, or any
  other that the caller will throw away.
"""

from __future__ import annotations

import _socket
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

NOT_AVAILABLE: Final = "not available on this system"
"""Stands for a value that this operating system does not tell."""

Count: TypeAlias = int | Literal["not available on this system"] | None
"""A number; `NOT_AVAILABLE`; or None where the number makes no sense for this socket."""

WITHOUT_BUFFERS: Final = frozenset({"SYN_RECV", "TIME_WAIT"})
"""States of connections that no program has yet, or has any more: they hold no bytes."""

_MPTCP: Final = 262  # IPPROTO_MPTCP; the socket module names it on some systems only


@dataclass(frozen=True, slots=True)
class KernelSocket:
    """One socket as the operating system sees it. Text in it is safe to print."""

    name: str
    """The learner's variable, `"clients[0]"` for a member of a list, or `"socket"`; `""`
    for a socket that was found by its address."""
    kind: str
    """`"TCP"`, `"UDP"`, `"Unix"`, or `"other"`."""
    state: str | None
    """`"LISTEN"`, `"ESTABLISHED"` ... as in RFC 9293, section 3.3.2, spelled as in
    tcp_states.h; `"closed"` for a Python object without a descriptor. None for UDP, which
    has no states, and for a Unix socket that does not listen."""
    local: str = "-"
    """`"127.0.0.1:40213"`, `"[::1]:40213"`, a path, or `"-"` where there is none."""
    remote: str = "-"
    """The address of the other side, in the same form."""
    to_read: Count = None
    """Bytes that have arrived and wait to be read. For UDP those of the next datagram only
    (udp(7)). None for a listener, and in CLOSE when there are none."""
    unacknowledged: Count = None
    """Bytes sent by the program that the peer's system has not yet acknowledged. TCP only;
    None without a connection."""
    queue_used: Count = None
    """Clients whose connection stands and whom no accept() has taken. TCP listeners only."""
    queue_limit: Count = None
    """The backlog, as listen() set it. TCP listeners only; None when found by address."""
    dropped: Count = None
    """Datagrams for which its receive buffer had no room so far. UDP only; None if there were none,
    and where the system does not tell."""


def is_socket(value: object) -> bool:
    # Not socket.socket: a recorder may have put its own class in that place.
    return isinstance(value, _socket.socket)


def kind_of(sock: Any) -> str:
    """`"TCP"`, `"UDP"`, `"Unix"`, or `"other"`."""
    if sock.family == getattr(socket, "AF_UNIX", None):
        return "Unix"
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        if sock.type == socket.SOCK_STREAM and sock.proto in (0, socket.IPPROTO_TCP, _MPTCP):
            return "TCP"
        if sock.type == socket.SOCK_DGRAM and sock.proto in (0, socket.IPPROTO_UDP):
            return "UDP"
    return "other"


def descriptor_of(sock: Any) -> int:
    """The file descriptor; -1 if the socket is closed or detached."""
    return _socket.socket.fileno(sock)


def ends_of(sock: Any) -> tuple[Any, Any]:
    """The local and the remote address, as the socket module gives them; None for none."""
    ends = []
    for question in (_socket.socket.getsockname, _socket.socket.getpeername):
        try:
            ends.append(question(sock))
        except OSError:
            ends.append(None)
    return ends[0], ends[1]


def is_listening(sock: Any) -> bool:
    try:
        return bool(_socket.socket.getsockopt(sock, socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def bytes_to_read(descriptor: int) -> Count:
    """The bytes that can be read now (FIONREAD; SIOCINQ in tcp(7), udp(7) and unix(7))."""
    try:
        import termios
    except ImportError:  # Windows
        return NOT_AVAILABLE
    return ioctl_number(descriptor, termios.FIONREAD)


def ioctl_number(descriptor: int, request: int) -> int | None:
    """The int that an ioctl gives; None where the socket does not have it."""
    import fcntl

    try:
        answer = fcntl.ioctl(descriptor, request, bytes(4))
    except OSError:
        return None
    return int(struct.unpack("=i", answer)[0])
