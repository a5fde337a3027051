"""What TLS does to the account of a connection.

Rules of this file: those of `tracker.py`.

Theory of operation. What a program gives to a TLS socket and gets from it is counted, byte for
byte, as on a plain connection. What TLS itself sends (the handshake, tickets, alerts) is not. So
the count is right as long as both ends speak TLS. Where only one of them does, as at a proxy that
passes on what it cannot read, the two ends are parted, and no more is said of what crosses.

do_handshake() and unwrap() both send and receive: they return after what they have caused. So no
event names them as its cause. The order is kept: what follows comes after they began.
"""

from __future__ import annotations

from helpers.record.carrying import Carrying
from helpers.record.lock import DrainingLock
from helpers.record.model import Call
from helpers.record.streams import Segment, Timestamp
from helpers.record.wire import Wire


class TLSAccount:
    """Keeps the account of connections that speak TLS."""

    def __init__(self, lock: DrainingLock, wire: Wire, carrying: Carrying) -> None:
        self._lock = lock
        self._wire = wire
        self._carrying = carrying

    # The handshake

    def begins(self, call: Call) -> None:
        """The call speaks TLS on its connection, or is about to."""
        endpoint = call.info.endpoint
        if endpoint is not None and endpoint.tls is None:
            endpoint.tls = call.timestamp

    def agreed(self, call: Call) -> None:
        """The other end has answered in TLS, so it has begun before."""
        endpoint = call.info.endpoint
        if endpoint is None or endpoint.peer is None:
            return
        began = endpoint.peer.tls
        if began is None:
            with self._lock.hold():
                self._wire.part(endpoint)
        elif call.name == "do_handshake":
            _comes_after(call, began)

    def failed(self, call: Call) -> None:
        """The ends did not agree on TLS. Whoever fails first tells the other one (an alert)."""
        endpoint = call.info.endpoint
        if endpoint is None:
            return
        endpoint.tracked = False  # what was sent for the handshake was not counted
        if endpoint.peer is not None and endpoint.peer.tls is not None:
            _comes_after(call, endpoint.peer.tls)
        endpoint.tls = call.timestamp

    def met_the_end(self, call: Call) -> None:
        """The connection has ended, and TLS on it has not."""
        endpoint = call.info.endpoint
        if endpoint is not None:
            call.follow(endpoint.incoming.end, endpoint.incoming.end_kind)

    # A write that was broken off

    def resumed(self, before: Call, segment: Segment) -> int:
        """A program makes a write again that would have had to wait (`before`).

        Some of its bytes have crossed. Returns how many; the others count as not sent yet.
        """
        with self._lock.hold():
            endpoint = before.info.endpoint
            left = 0 if endpoint is None else endpoint.outgoing.in_flight
            taken = before.size - min(before.size, left)
            self._carrying.sent_less(before, segment, taken)
        return taken

    # The end

    def ending(self, call: Call) -> None:
        """unwrap() is about to say that no more data comes in TLS."""
        endpoint = call.info.endpoint
        if endpoint is not None:
            with self._lock.hold():
                endpoint.outgoing.finish(call.timestamp, "end")
                endpoint.outgoing.ends_tls = endpoint.outgoing.end is not None

    def read_the_end(self, call: Call) -> None:
        """A receive gave the end: that of TLS, perhaps."""
        incoming = call.info.endpoint and call.info.endpoint.incoming
        if incoming and incoming.end is not None and incoming.ends_tls:
            _comes_after(call, incoming.end)

    def ended(self, call: Call) -> None:
        """Both ends have said so. The connection goes on without TLS."""
        endpoint = call.info.endpoint
        if endpoint is None:
            return
        with self._lock.hold():
            incoming = endpoint.incoming
            endpoint.tls = None
            if incoming.end is not None and incoming.ends_tls:
                _comes_after(call, incoming.end)
                incoming.end, incoming.ends_tls = None, False


def _comes_after(call: Call, timestamp: Timestamp) -> None:
    """No arrow tells of it: what crossed is no data of the program's."""
    call.clock = max(call.clock, timestamp.clock + 1)
