"""What macOS, Windows and others say of their TCP sockets, by way of psutil.

Rules of this file:

- It offers the same three functions as `linux` beside it (`settle`, `tcp_row`, `at_address`)
  and the same constant.
- psutil is imported when it is first needed, and may be missing.
- What a system does not tell is `NOT_AVAILABLE`, never a guess.

How it works. psutil knows the state of each connection (psutil.Process.net_connections);
FIONREAD gives the bytes to read, where the system has it. Nothing here tells how full an
accept queue is, or what is not acknowledged.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from helpers.addresses import address_text
from helpers.kernel.address_query import Address, End
from helpers.kernel.saying import NOTE, WORDS
from helpers.kernel.socket import (
    NOT_AVAILABLE,
    WITHOUT_BUFFERS,
    KernelSocket,
    bytes_to_read,
    ends_of,
    is_listening,
)

UDP_BYTES_ARE_EXACT: Final = False
"""FIONREAD of a UDP socket may count the senders' addresses too."""


def settle(asked: Iterable[Any]) -> None:
    """Nothing to wait for: these systems do not tell what is in flight."""


def tcp_row(row: KernelSocket, sock: Any, descriptor: int) -> KernelSocket:
    """The row of a TCP socket, with its state and what can be known of its amounts."""
    row = replace(row, state=_state(sock, descriptor))
    if row.state == "LISTEN":
        return replace(row, queue_used=NOT_AVAILABLE, queue_limit=NOT_AVAILABLE)
    to_read = bytes_to_read(descriptor)
    if row.state == "CLOSE":
        return replace(row, to_read=to_read or None)
    return replace(row, to_read=to_read, unacknowledged=NOT_AVAILABLE)


def _state(sock: Any, descriptor: int) -> str:
    local, remote = ends_of(sock)
    ends = (_short(local), _short(remote))
    connections = _connections()
    for connection in connections or ():
        if connection.fd == descriptor or (
            connection.fd == -1 and (tuple(connection.laddr), tuple(connection.raddr)) == ends
        ):
            return str(connection.status)
    if is_listening(sock):
        return "LISTEN"
    # The lists leave out a socket that neither listens nor has a connection.
    unconnected = not remote and (connections is not None or address_text(local) == "-")
    return "CLOSE" if unconnected else NOT_AVAILABLE


def _short(address: object) -> tuple[object, ...]:
    """Host and port alone, as psutil gives them."""
    return address[:2] if isinstance(address, tuple) else ()


def at_address(address: Address) -> tuple[list[tuple[KernelSocket, End]], str]:
    """The rows of an address, each with its local end, and a sentence if there is one to say."""
    note = ""
    connections = _connections(of_all_programs=True)
    if connections is None:
        note = NOTE("others", why=WORDS["not available"])
        connections = _connections()
    if connections is None:
        return [], NOTE("at", address=address, why=WORDS["not available"])
    found = []
    for connection in connections:
        local, remote = tuple(connection.laddr), tuple(connection.raddr) or ("", 0)
        state = str(connection.status)
        if not local or not address.stands_for(local, remote, state):
            continue
        row = KernelSocket("", "TCP", state, address_text(local), address_text(remote))
        if state == "LISTEN":
            row = replace(row, queue_used=NOT_AVAILABLE, queue_limit=NOT_AVAILABLE)
        elif state not in WITHOUT_BUFFERS:
            row = replace(row, to_read=NOT_AVAILABLE, unacknowledged=NOT_AVAILABLE)
        found.append((row, local))
    return found, note


def _connections(of_all_programs: bool = False) -> Sequence[Any] | None:
    """psutil's rows: fd, family, type, laddr, raddr, status. None where it is refused.

    (psutil documentation: Process.net_connections(); fd is -1 on Windows and FreeBSD.
    psutil.net_connections(), all programs' sockets, needs root on macOS.)
    """
    try:
        psutil = importlib.import_module("psutil")
    except ImportError:
        return None
    try:
        if of_all_programs:
            return list(psutil.net_connections(kind="tcp"))
        return list(psutil.Process().net_connections(kind="tcp"))
    except (psutil.Error, OSError):
        return None
