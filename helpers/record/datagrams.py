"""The datagrams that were sent, and that no receive has taken yet.

Rules of this file: those of `wire.py`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from helpers.addresses import address_key, covers
from helpers.record.streams import Timestamp

DATAGRAMS_KEPT = 1000
"""Datagrams a queue remembers. The kernel drops some too, so this is only a bound."""


@dataclass(slots=True, eq=False)
class Datagram:
    """What one send has given to a queue."""

    timestamp: Timestamp
    size: int
    head: bytes
    """Its first bytes."""


class DatagramQueue(deque[Datagram]):
    """The datagrams that no receive has taken yet. Any thread may look whether it is empty."""

    def __init__(self) -> None:
        super().__init__(maxlen=DATAGRAMS_KEPT)
        self.handles = 1
        """How many recorded socket objects share it."""

    def collect(self, size: int, head: bytes, asked: int) -> Timestamp | None:
        """A receive that asked for so many bytes got these. The send they came from, if known."""
        for datagram in self:
            if min(datagram.size, asked) == size and datagram.head[: len(head)] == head:
                self.remove(datagram)
                return datagram.timestamp
        return None


class DatagramQueues:
    """The queues of all datagram sockets, by the address that each is bound to."""

    def __init__(self) -> None:
        self.by_address: dict[Any, DatagramQueue] = {}

    def queue_at(self, address: Any) -> DatagramQueue | None:
        """Where a datagram to `address` arrives; made now if its socket is not known yet."""
        asked = address_key(address)
        if asked in self.by_address:
            return self.by_address[asked]
        for bound, queue in self.by_address.items():
            if covers(bound, asked):
                return queue
        if len(self.by_address) >= DATAGRAMS_KEPT:
            return None
        return self.open(asked)

    def open(self, address: Any) -> DatagramQueue:
        """A datagram socket has this address now."""
        bound = address_key(address)
        for asked in self.by_address:
            if covers(bound, asked):
                self.by_address[bound] = self.by_address.pop(asked)
                return self.by_address[bound]
        return self.by_address.setdefault(bound, DatagramQueue())

    def close(self, queue: DatagramQueue) -> None:
        """One handle of the datagram socket was closed."""
        queue.handles -= 1
        if queue.handles > 0:
            return
        for address in [each for each, found in self.by_address.items() if found is queue]:
            del self.by_address[address]
