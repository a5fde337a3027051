"""What sending and receiving a datagram does to the account.

Rules of this file: those of `tracker.py`.

Theory of operation. Datagrams get lost, and two may have the same text. A receive is taken to have
got the oldest one with its bytes and its source that is not known to be lost. One is known to be
lost if a receive has found nothing after it was sent, and if the system has counted a drop with it.
It may still come: on a busy machine the system delivers late. So it is only the last to be chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from helpers.addresses import address_key
from helpers.record.datagrams import Datagram, DatagramQueue
from helpers.record.lock import DrainingLock
from helpers.record.model import Call
from helpers.record.socket_info import SocketInfo
from helpers.record.wire import Wire


class Posting:
    """Keeps the account of datagrams."""

    def __init__(self, lock: DrainingLock, wire: Wire) -> None:
        self._lock = lock
        self._wire = wire

    def posting(
        self, call: Call, address: object, data: bytes, size: int, ask_source: Callable[[], object]
    ) -> Datagram:
        """A datagram is about to be sent. `ask_source` asks the system for its socket's address."""
        call.size, call.data = size, data
        datagram = Datagram(call.timestamp, size, data)
        datagram.source = address_key(call.info.local)
        datagram.ask_source = ask_source
        with self._lock.hold():
            self._wire.datagrams.post(datagram, address, call.info.pair)
        return datagram

    def posted(
        self, call: Call, datagram: Datagram, drops: Callable[[DatagramQueue], int | None]
    ) -> None:
        """It was sent. `drops` tells how many a queue has dropped so far."""
        datagram.source = address_key(call.info.local)
        datagram.ask_source = None
        datagram.was_sent = True
        for queue in datagram.queues:
            count = drops(queue) if queue else None
            if count is not None and count != queue.dropped:
                with self._lock.hold():
                    queue.dropped = count
                    queue.lose(datagram)
                    call.lost = not datagram.to_all

    def not_posted(self, call: Call, datagram: Datagram) -> None:
        """It was not sent after all."""
        call.size, call.data = 0, b""
        with self._lock.hold():
            datagram.leave()

    def waiting(self, info: SocketInfo) -> Sequence[Datagram]:
        """Those that a receive must find there now, if they are not lost."""
        if not info.datagram_queue:
            return ()
        with self._lock.hold():
            return [each for each in info.datagram_queue or () if each.was_sent]

    def lost(self, info: SocketInfo, datagrams: Sequence[Datagram]) -> None:
        """A receive has found none of them."""
        with self._lock.hold():
            if info.datagram_queue is not None:
                for each in datagrams:
                    info.datagram_queue.lose(each)

    def fetched(self, call: Call, data: bytes, size: int, asked: object) -> None:
        """A datagram was received; `asked` is how many bytes of it would have been taken."""
        call.size, call.data = size, data
        if call.info.datagram_queue is not None:
            with self._lock.hold():
                most = asked if isinstance(asked, int) else size
                source = address_key(call.peer)
                timestamp = call.info.datagram_queue.collect(size, data, most, source)
                call.follow(timestamp, "datagram", size)
