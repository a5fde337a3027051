"""Reads, or sends, that do a part of what they could, as they may: one byte each time, for a while.

Rules of this file:

- Only the calls of one connection are short. MSG_PEEK gives what is there: who looks until enough
  is there would look for ever. And what was looked at is there: a read gets all of it. So does one
  that waits for all (MSG_WAITALL); recv() and recv_into() wait in pieces, without the flag.
- A non-blocking socket is used as it is: its calls do not come here. A blocking send() goes on by
  itself; so it is a socket with a timeout that sends little.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from helpers.record.socket_info import info_of
from helpers.sockets.attempts import PLAIN
from helpers.sockets.recording import RecordingSocket

_WAITALL = int(getattr(socket, "MSG_WAITALL", 0))

MANY = max(1000, sys.getrecursionlimit()) + 200
"""So many calls are short: who calls itself for each piece gets to Python's own limit."""


class ShortCalls:
    """Tries of a call (`Attempts`), of which the first ones with one socket are short."""

    def __init__(self, tries: Any, owner: Any, reads: list[int], sends: list[int]) -> None:
        self._tries = tries
        self._owner = owner
        self._reads = reads
        self._sends = sends

    @property
    def with_timeout(self) -> ShortCalls:
        """The tries for a socket that has a timeout."""
        return ShortCalls(self._tries.with_timeout, self._owner, self._reads, self._sends)

    def _is_ours(self, sock: Any) -> bool:
        info = info_of(sock)
        return info is not None and info.endpoint is self._owner

    def receive_now(self, sock: Any, plain: Any, arguments: tuple[Any, ...], flags: int) -> Any:
        """Make a reading call, for one byte if it is still to be a short one."""
        short = self._reads[0] and self._is_ours(sock) and not flags & socket.MSG_PEEK
        if short and not _waits_for_all(sock, flags) and not _was_looked_at(sock):
            found = self._tries.receive_now(sock, plain, _for_one_byte(plain, arguments), flags)
            self._reads[0] -= 1
            return found
        return self._tries.receive_now(sock, plain, arguments, flags)

    def send_now(self, sock: Any, data: Any, flags: int) -> int:
        """Send what there is room for, or one byte if it is still to be a short one."""
        if not (self._sends[0] and self._is_ours(sock)):
            return int(self._tries.send_now(sock, data, flags))
        with memoryview(data) as whole, whole.cast("B") as view, view[:1] as first:
            sent = int(self._tries.send_now(sock, first, flags))
        self._sends[0] -= 1
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tries, name)


def _waits_for_all(sock: Any, flags: int) -> bool:
    return bool(flags & _WAITALL) and PLAIN.gettimeout(sock) is None


def _was_looked_at(sock: Any) -> bool:
    """Whether MSG_PEEK has seen more than a byte of what comes next."""
    info = info_of(sock)
    incoming = info.endpoint.incoming if info is not None and info.endpoint is not None else None
    seen = incoming.looked_at if incoming is not None else None
    return (
        seen is not None and incoming is not None and seen[0] == incoming.received and seen[1] > 1
    )


def _for_one_byte(plain: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if plain in (PLAIN.recv, PLAIN.recvfrom):
        return (min(1, arguments[0]),)
    if plain in (PLAIN.recv_into, PLAIN.recvfrom_into):
        return (arguments[0], 1) if len(arguments[0]) else arguments
    return arguments


def short_reads(sock: socket.socket, count: int = MANY) -> AbstractContextManager[None]:
    """So many reads of this recorded socket are short inside the block."""
    return _short_calls(sock, count, 0)


def short_reads_of_peer(sock: socket.socket, count: int = MANY) -> AbstractContextManager[None]:
    """So many reads at the other end of its connection, which the function has, are short."""
    return _short_calls(sock, count, 0, peer=True)


def short_sends(sock: socket.socket, count: int = MANY) -> AbstractContextManager[None]:
    """So many sends of this recorded socket are short inside the block."""
    return _short_calls(sock, 0, count)


@contextmanager
def _short_calls(sock: socket.socket, reads: int, sends: int, peer: bool = False) -> Iterator[None]:
    info = info_of(sock)
    before = RecordingSocket._attempts
    owner = info.endpoint if info is not None else None
    if peer and owner is not None:
        owner = owner.peer
    RecordingSocket._attempts = ShortCalls(before, owner, [reads], [sends])  # type: ignore[assignment]
    try:
        yield
    finally:
        RecordingSocket._attempts = before
