"""Reads that give a part of what is there, as they may: one byte each time, for a while.

Rules of this file:

- Only the reads of one connection are short. MSG_PEEK gives what is there: who looks until enough
  is there would look for ever.
- A non-blocking socket is read as it is: its calls do not come here.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from helpers.record.model import info_of
from helpers.sockets.attempts import PLAIN
from helpers.sockets.recording import RecordingSocket

MANY = max(1000, sys.getrecursionlimit()) + 200
"""So many reads give one byte: who calls itself for each piece gets to Python's own limit."""


class ShortReads:
    """Tries of a call (`Attempts`), of which the first reads of one socket are short."""

    def __init__(self, tries: Any, owner: Any, left: list[int]) -> None:
        self._tries = tries
        self._owner = owner
        self._left = left

    @property
    def with_timeout(self) -> ShortReads:
        """The tries for a socket that has a timeout."""
        return ShortReads(self._tries.with_timeout, self._owner, self._left)

    def receive_now(self, sock: Any, plain: Any, arguments: tuple[Any, ...], flags: int) -> Any:
        """Make a reading call, for one byte if it is still to be a short one."""
        info = info_of(sock)
        is_ours = info is not None and info.endpoint is self._owner and not flags & socket.MSG_PEEK
        if is_ours and self._left[0]:
            found = self._tries.receive_now(sock, plain, _for_one_byte(plain, arguments), flags)
            self._left[0] -= 1
            return found
        return self._tries.receive_now(sock, plain, arguments, flags)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tries, name)


def _for_one_byte(plain: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    if plain in (PLAIN.recv, PLAIN.recvfrom):
        return (min(1, arguments[0]),)
    if plain in (PLAIN.recv_into, PLAIN.recvfrom_into):
        return (arguments[0], 1) if len(arguments[0]) else arguments
    return arguments


@contextmanager
def short_reads(sock: socket.socket, count: int = MANY) -> Iterator[None]:
    """So many reads of this recorded socket are short inside the block."""
    info = info_of(sock)
    before = RecordingSocket._attempts
    owner = info.endpoint if info is not None else None
    RecordingSocket._attempts = ShortReads(before, owner, [count])  # type: ignore[assignment]
    try:
        yield
    finally:
        RecordingSocket._attempts = before
