"""How a socket goes: its descriptor is closed, and maybe a call still waits on its open file.

Rules of this file: those of `tracker.py`.

Theory of operation. A system call that waits has the open file until its end, whatever becomes of
the descriptor (man 2 close). A listener that is closed under an accept() still takes a client, and
the peer of a socket that is closed under a recv() sees its end only when that has returned.
"""

from __future__ import annotations

from collections.abc import Callable

from helpers.record.lock import DrainingLock
from helpers.record.socket_info import SocketInfo
from helpers.record.streams import Timestamp
from helpers.record.wire import Wire

IsKept = Callable[[SocketInfo], bool]
"""Whether a call that waits keeps the open file of a socket, whose descriptor is closed."""


def _never(info: SocketInfo) -> bool:
    return False


class Leaving:
    """Keeps the account of the sockets that go."""

    def __init__(self, lock: DrainingLock, wire: Wire) -> None:
        self._lock = lock
        self._wire = wire

    def closing(self, info: SocketInfo, timestamp: Timestamp, is_kept: IsKept = _never) -> None:
        """The descriptor is about to be closed, by the call of that time.

        `is_kept` tells whether another call waits on the open file. Then that stays open, and
        `wait_is_over` is the end.
        """
        info.used = max(info.used, timestamp.clock)
        with self._lock.hold():
            info.leaving = timestamp
            self._leave(info, is_kept)

    def wait_is_over(self, info: SocketInfo, is_kept: IsKept) -> None:
        """A call no longer keeps the open file."""
        with self._lock.hold():
            self._leave(info, is_kept)

    def _leave(self, info: SocketInfo, is_kept: IsKept) -> None:
        timestamp = info.leaving
        if timestamp is None or is_kept(info):
            return
        if info.endpoint is not None:
            self._wire.release(info.endpoint, timestamp, info.aborts)
        if info.listener is not None:
            self._wire.stop_listening(info.listener, timestamp)
        if info.datagram_queue is not None:
            self._wire.datagrams.close(info.datagram_queue)
        info.leaving = info.endpoint = info.listener = info.datagram_queue = None
