"""The datagrams that were sent, and that no receive has taken yet.

Rules of this file: those of `wire.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from helpers.addresses import address_key, covers, is_at_any, is_for_many
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
    to_all: bool = False
    """Each queue gets one of its own: it was sent to a group, or to all hosts."""
    queues: Sequence[DatagramQueue] = ()
    """Where it is, or may be."""
    source: Any = None
    """Where it came from, as far as that is known by now."""
    ask_source: Callable[[], Any] | None = None
    """While it is being sent: the address of its socket. The system gives it one with the first."""
    was_sent: bool = False
    """The system has it: it is where it was sent to, or lost."""

    def leave(self) -> None:
        """It is in no queue any more."""
        for queue in self.queues:
            for place in (queue, queue.lost):
                if self in place:
                    place.remove(self)

    def may_come_from(self, source: Any) -> bool:
        """Whether a receive from there may have got it. None, for either: nobody knows."""
        here = self.source
        if here is None and source is not None and self.ask_source is not None:
            here = address_key(self.ask_source())
        if here is None or source is None or here == source:
            return True
        return is_at_any(here) and isinstance(source, tuple) and here[1] == source[1]


class DatagramQueue(deque[Datagram]):
    """The datagrams that no receive has taken yet. Any thread may look whether it is empty."""

    def __init__(self) -> None:
        super().__init__(maxlen=DATAGRAMS_KEPT)
        self.handles = 1
        """How many recorded socket objects share it."""
        self.is_open = True
        """False for one that was made for datagrams to a socket that is not known yet."""
        self.lost: deque[Datagram] = deque(maxlen=DATAGRAMS_KEPT)
        """Those that did not arrive, it seems: a receive has found nothing since they were sent, or
        the system has counted one that it dropped."""
        self.socket = 0
        """The number of the socket that was bound to it (`SocketInfo`)."""
        self.dropped = 0
        """So many has the system dropped before."""
        self.peer: Any = None
        """The only one from whom it takes any, once its socket is connected (man 7 udp)."""

    def find(self, size: int, head: bytes, asked: int, source: Any = None) -> Datagram | None:
        """The datagram of which a receive that asked for so many bytes gets these, if known."""
        for datagram in chain(self, self.lost):
            alike = min(datagram.size, asked) == size and datagram.head[: len(head)] == head
            if alike and datagram.may_come_from(source):
                return datagram
        return None

    def collect(self, size: int, head: bytes, asked: int, source: Any = None) -> Timestamp | None:
        """A receive that asked for so many bytes got these. The send they came from, if known."""
        datagram = self.find(size, head, asked, source)
        if datagram is None:
            return None
        if not datagram.to_all:
            datagram.leave()
        for place in (self, self.lost):
            if datagram in place:
                place.remove(datagram)
        return datagram.timestamp

    def lose(self, datagram: Datagram) -> None:
        """It has not arrived, it seems."""
        if datagram in self:
            self.remove(datagram)
            self.lost.append(datagram)


class DatagramQueues:
    """The queues of all datagram sockets, by the address that each is bound to."""

    def __init__(self) -> None:
        self.by_address: dict[Any, list[DatagramQueue]] = {}
        """Several sockets can have one address (SO_REUSEADDR, SO_REUSEPORT)."""

    def post(self, datagram: Datagram, address: Any, pair: DatagramQueue | None = None) -> None:
        """It is about to be sent: to one socket, or to all that get what is sent to a group.

        Without an address it goes to the other socket of the `pair`.
        """
        if address is None and pair is not None:
            datagram.queues = (pair,)
            pair.append(datagram)
            return
        asked = address_key(address)
        datagram.to_all = is_for_many(asked)
        there = self.queues_at(asked, datagram.to_all)
        datagram.queues = [queue for queue in there if datagram.may_come_from(queue.peer)]
        for queue in datagram.queues:
            queue.append(datagram)

    def queues_at(self, asked: Any, all_of_them: bool = False) -> Sequence[DatagramQueue]:
        """Where it arrives; a queue is made now if its socket is not known yet."""
        if asked in self.by_address and not all_of_them:
            return tuple(self.by_address[asked])
        covering = [queues for bound, queues in self.by_address.items() if covers(bound, asked)]
        if covering:
            return tuple(chain(*covering) if all_of_them else covering[0])
        if len(self.by_address) >= DATAGRAMS_KEPT:
            return ()
        made = DatagramQueue()
        made.is_open = False
        self.by_address[asked] = [made]
        return (made,)

    def open(self, address: Any, event: int = 0) -> DatagramQueue:
        """A datagram socket has this address now, by the call of that number.

        What was sent before that call began is lost: nobody had the address.
        """
        bound = address_key(address)
        for asked, queues in self.by_address.items():
            if covers(bound, asked) and not queues[0].is_open:
                del self.by_address[asked]
                opened = queues[0]
                opened.is_open = True
                for datagram in [each for each in opened if each.timestamp.event < event]:
                    opened.remove(datagram)
                break
        else:
            opened = DatagramQueue()
        self.by_address.setdefault(bound, []).append(opened)
        return opened

    def enter_again(self, queue: DatagramQueue, address: Any) -> None:
        """A socket that had been closed here lives on, under another object."""
        queue.handles += 1
        queues = self.by_address.setdefault(address_key(address), [])
        if not any(each is queue for each in queues):
            queues.append(queue)

    def close(self, queue: DatagramQueue) -> None:
        """One handle of the datagram socket was closed."""
        queue.handles -= 1
        if queue.handles > 0:
            return
        for address, queues in list(self.by_address.items()):
            self.by_address[address] = [each for each in queues if each is not queue]
            if not self.by_address[address]:
                del self.by_address[address]
