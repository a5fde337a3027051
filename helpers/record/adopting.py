"""Socket objects that are made of a descriptor which the program already has.

Rules of this file: those of `tracker.py`.

Theory of operation. The system knows open files, and a program has numbers for them. dup(),
fromfd() and os.dup() give a second number to one file; detach() leaves a number without an object.
By the file, a new object is known again: it is the same socket. What happened to a number that had
no object, nobody has recorded. So such a socket stays untracked, and where the system has other
bytes for it than the account, no more is said of what crosses.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from helpers.record.lock import DrainingLock
from helpers.record.socket_info import SocketInfo
from helpers.record.tracker import Tracker
from helpers.record.wire import Wire

File = tuple[int, int]
"""The device and the number of an open file (man 2 fstat)."""

LEFT_KEPT = 100
"""Detached sockets that are remembered: a program that makes new objects does it soon."""


class Adopting:
    """Remembers the sockets whose descriptors have lost their objects."""

    def __init__(self, lock: DrainingLock, wire: Wire, tracker: Tracker) -> None:
        self._lock = lock
        self._wire = wire
        self._tracker = tracker
        self._left: OrderedDict[File, tuple[SocketInfo, int]] = OrderedDict()

    def leaving(self, info: SocketInfo, descriptor: int, file: File | None) -> None:
        """detach() is about to take the descriptor out of its object."""
        if self._tracker.has_another(info, descriptor):
            info.endpoint = info.listener = info.datagram_queue = None
            return
        kept = SocketInfo(info.used, info.stream)
        kept.be_the_same_as(info)
        self._tracker.detached(info)
        if file is not None:
            self._left[file] = kept, descriptor
            if len(self._left) > LEFT_KEPT:
                self._left.popitem(last=False)

    def left(self) -> dict[File, int]:
        """The descriptors that have lost their objects and got no new ones, by their files.

        Some may be closed by now, and other files may have their numbers.
        """
        return {file: descriptor for file, (_, descriptor) in [*self._left.items()]}

    def adopted(
        self,
        info: SocketInfo,
        number: int,
        file_of: Callable[[int], File | None],
        listens: bool,
        unread: int | None,
    ) -> None:
        """An object was made for a descriptor. `unread`: so many bytes can be read from it."""
        file = file_of(number)
        for other, descriptor in self._tracker.others(info):
            if descriptor == number:
                info.be_the_same_as(other)  # two objects for one descriptor, which closes once
                return
            if file is not None and other.stream == info.stream and file_of(descriptor) == file:
                self._tracker.shared(info, other)
                return
        kept, _ = self._left.pop(file, (None, 0)) if file is not None else (None, 0)
        if kept is None or kept.stream != info.stream or (kept.local or info.local) != info.local:
            self._tracker.adopted(info, listens)
            return
        info.be_the_same_as(kept)
        with self._lock.hold():
            self._enter_again(info, unread)

    def _enter_again(self, info: SocketInfo, unread: int | None) -> None:
        endpoint = info.endpoint
        if endpoint is not None:
            if endpoint.key is not None:
                self._wire.endpoints[endpoint.key] = endpoint
            if unread is not None and unread != endpoint.incoming.in_flight:
                self._wire.part(endpoint)
        if info.listener is not None and info.listener not in self._wire.listeners:
            self._wire.listeners.append(info.listener)
        if info.datagram_queue is not None:
            self._wire.datagrams.enter_again(info.datagram_queue, info.local)
