"""What a connection carries: bytes, messages, and its end. What that tells the call: who caused it.

Rules of this file: those of `tracker.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.addresses import address_key
from helpers.record.events import DATA_KEPT
from helpers.record.lock import DrainingLock
from helpers.record.model import Call
from helpers.record.streams import Endpoint, Origin, Segment


class Carrying:
    """Keeps the account of what crosses."""

    def __init__(self, lock: DrainingLock) -> None:
        self._lock = lock

    def sending(self, call: Call, data: bytes, size: int) -> Segment | None:
        """`size` bytes are about to be sent; `data` are the first of them.

        All that can be noted is noted now: behind the real call the other side has woken up,
        and waits for the interpreter.
        """
        call.data, call.size = data, size
        endpoint = call.info.endpoint
        if endpoint is None:
            return None
        call.no_progress = not size
        with self._lock.hold():
            return endpoint.outgoing.put(size, call.clock, call.number)

    def sent_less(self, call: Call, segment: Segment | None, size: int) -> None:
        """Only `size` of the announced bytes were sent."""
        endpoint = call.info.endpoint or call.endpoint
        if segment is not None and endpoint is not None:
            with self._lock.hold():
                endpoint.outgoing.take_back(segment, call.size - size)
        call.size = size
        call.data = call.data[:size]

    def received(self, call: Call, data: bytes, size: int, asked: int) -> None:
        """A stream gave `size` more bytes (of `asked`); `data` are the first of them."""
        if call.size:  # recv() with MSG_WAITALL takes the pieces as they come
            data = (call.data + data)[:DATA_KEPT]
        call.data = data
        call.size += size
        endpoint = call.info.endpoint or call.endpoint
        if endpoint is None:
            return
        if not size and not asked:
            return
        with self._lock.hold():
            incoming = endpoint.incoming
            if call.info.messages and (size or incoming.segments):
                origins = incoming.take_message(size)
            else:
                origins = incoming.take(size) if size else endpoint.read_end()
            self._follow(call, endpoint, origins)
        if not size:
            call.no_progress = True

    def received_urgent(self, call: Call, data: bytes, size: int) -> None:
        """A byte that was sent with MSG_OOB was received with it, ahead of the stream."""
        call.data, call.size = data, size
        endpoint = call.info.endpoint
        if endpoint is not None and size:
            with self._lock.hold():
                for origin in endpoint.incoming.take_urgent(size):
                    call.follow(*origin)

    def peeked(self, call: Call, data: bytes, size: int, asked: int) -> None:
        """MSG_PEEK: `size` bytes (of `asked`) were looked at, and stay to be received."""
        call.data, call.size = data, size
        endpoint, queue = call.info.endpoint, call.info.datagram_queue
        with self._lock.hold():
            if not call.info.connects:
                if queue is not None:
                    found = queue.find(size, data, asked, address_key(call.peer))
                    if found is not None:
                        call.follow(found.timestamp, "datagram", size)
            elif endpoint is not None and (size or endpoint.incoming.segments):
                incoming = endpoint.incoming
                for origin in incoming.peek(size):
                    call.follow(*origin)
                seen = incoming.received, size
                call.no_progress = seen == incoming.looked_at
                incoming.looked_at = seen
            elif endpoint is not None and asked:
                incoming = endpoint.incoming
                self._follow(call, endpoint, ((incoming.end, incoming.end_kind, 0),))
                call.no_progress = True

    def failed(self, call: Call, error: BaseException) -> None:
        """The call raised."""
        endpoint = call.info.endpoint or call.endpoint
        if endpoint is not None:
            with self._lock.hold():
                self._follow(call, endpoint, endpoint.failed(error))

    @staticmethod
    def _follow(call: Call, endpoint: Endpoint, origins: Sequence[Origin]) -> None:
        """The call comes after these. Where another program has the socket at the other end too,
        nobody knows who ended it: the call comes after the end that is known, and no arrow says so.
        """
        for timestamp, kind, size in origins:
            if size or endpoint.peer is None or not endpoint.peer.elsewhere:
                call.follow(timestamp, kind, size)
            elif timestamp is not None:
                call.came_after(timestamp.clock)
