"""The account of what is on its way between the sockets that the recorder sees.

Rules of this file:

- It only counts. It has no lock, no thread and no real socket: whoever calls it holds
  the recorder's lock.
- A send is entered *before* the real call and corrected after it. So a receiver can
  never take bytes that the account does not have yet, however the threads are scheduled.
- It may know less than the kernel (a peer outside the recorder), never more.

Theory of operation. A connection is two `Pipe`s, one in each direction. Its two ends are
`Endpoint`s: what one puts into its outgoing pipe, the other takes from its incoming one.
A `Listening` is a listener's queue: the connects (`Knock`) that no accept has taken yet.
A `Mailbox` is the queue of a datagram socket. Each entry carries the Lamport time of the
call that made it, and so a receive learns what caused it (see `events.py`).
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.record.events import CauseKind

SEGMENTS_KEPT = 256
"""Sends that a pipe tells apart while nobody reads them; older ones are joined."""

DATAGRAMS_KEPT = 1000
"""Datagrams a mailbox remembers. The kernel drops some too, so this is only a bound."""


@dataclass(slots=True, eq=False)
class Timestamp:
    """A call that something else may come from: its Lamport time and its event."""

    clock: int
    event: int


@dataclass(slots=True, eq=False)
class Segment(Timestamp):
    """What one send put into a pipe. `stop` counts from the first byte of the pipe."""

    stop: int


class Pipe:
    """One direction of a connection: what went in, and what came out."""

    __slots__ = ("end", "end_kind", "received", "segments", "sent")

    def __init__(self) -> None:
        self.sent = 0
        self.received = 0
        self.segments: deque[Segment] = deque()
        self.end: Timestamp | None = None
        self.end_kind: CauseKind = "end"

    @property
    def in_flight(self) -> int:
        """Bytes sent and not yet received."""
        return self.sent - self.received

    def put(self, size: int, clock: int, event: int) -> Segment:
        """Enter `size` bytes that are about to be sent by the call of that time and event."""
        stop = self.sent = self.sent + size
        segments = self.segments
        if len(segments) >= SEGMENTS_KEPT:
            segments.popleft()
        segment = Segment(clock, event, stop)
        segments.append(segment)
        return segment

    def take_back(self, segment: Segment, size: int) -> None:
        """`size` bytes of the segment were not sent after all."""
        if not size:
            return
        self.sent -= size
        later = segment not in self.segments
        for each in self.segments:
            later = later or each is segment
            if later:
                each.stop -= size

    def take(self, size: int) -> Sequence[tuple[Timestamp, int]]:
        """`size` bytes were received. The sends they came from, and how many of each."""
        position = self.received
        received = self.received = position + size
        segments = self.segments
        if segments and segments[0].stop == received:  # just one send, as most often
            return ((segments.popleft(), size),)
        taken: list[tuple[Timestamp, int]] = []
        while segments and position < received:
            segment = segments[0]
            stop = segment.stop
            if stop > position:
                count = (stop if stop < received else received) - position
                position += count
                taken.append((segment, count))
            if stop <= received:
                segments.popleft()
        if received > self.sent:
            self.sent = received
        return taken

    def finish(self, timestamp: Timestamp, kind: CauseKind) -> None:
        """Nothing more will be put in. The first end counts, but a reset overrules a FIN."""
        if self.end is None or (kind == "reset" and self.end_kind == "end"):
            self.end, self.end_kind = timestamp, kind


class Endpoint:
    """One end of a connection."""

    __slots__ = (
        "closed",
        "connection_errors",
        "eof_reads",
        "handles",
        "incoming",
        "key",
        "outgoing",
        "owners",
        "peer",
        "tracked",
        "would_block_count",
    )

    def __init__(self) -> None:
        self.incoming = Pipe()
        self.outgoing = Pipe()
        self.peer: Endpoint | None = None
        self.key: tuple[Any, Any] | None = None
        """(Own address, peer's address), once both are known."""
        self.handles = 0
        """How many recorded socket objects share this end (accept makes one, dup another)."""
        self.tracked = True
        """False once bytes can come or go here without a recorded call."""
        self.closed = False
        self.eof_reads = 0
        """How often a receive here gave the end."""
        self.connection_errors = 0
        """How often a call here met an error of the connection."""
        self.would_block_count = 0
        """How often a non-blocking call here would have had to wait."""
        self.owners: set[Any] = set()
        """The actors that have used it: the ones from whom the other side may hope."""

    @classmethod
    def pair(cls) -> tuple[Endpoint, Endpoint]:
        """The two ends of one connection."""
        here, there = cls(), cls()
        there.incoming, there.outgoing = here.outgoing, here.incoming
        here.peer, there.peer = there, here
        return here, there

    @property
    def expects_nothing(self) -> bool:
        """Whether a receive would have to wait, as far as the account tells."""
        incoming = self.incoming
        return incoming.sent == incoming.received and incoming.end is None

    @property
    def peer_is_tracked(self) -> bool:
        """Whether all that can arrive here passes through recorded calls."""
        return self.tracked and self.peer is not None and self.peer.tracked


@dataclass(slots=True, eq=False)
class PendingConnect:
    """A connect that no accept has taken yet."""

    timestamp: Timestamp
    endpoint: Endpoint
    local: Any = None
    """The client's own address; None until its connect() has been handed to the kernel."""
    at_any: bool = False
    """Its listener is at every interface, so the same port of another computer looks the same."""


@dataclass(slots=True, eq=False)
class Listener:
    """A listener, and the connects that wait in its queue."""

    address: Any
    timestamp: Timestamp
    pending: list[PendingConnect] = field(default_factory=list)
    handles: int = 1
    """How many recorded socket objects share it."""
    tracked: bool = True
    """False once a connection can be accepted here without a recorded call."""

    def expects_name(self, of_others_than: Any) -> bool:
        """Whether a connect of another actor is about to tell its own address."""
        return any(
            pending.local is None and of_others_than not in pending.endpoint.owners
            for pending in self.pending
        )

    def untrack(self) -> None:
        """Somebody who is not recorded may accept here from now on."""
        self.tracked = False
        for pending in self.pending:
            pending.endpoint.tracked = False


@dataclass(slots=True, eq=False)
class Datagram:
    timestamp: Timestamp
    size: int
    head: bytes


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


_ANY = ("0.0.0.0", "::")


def plain_address(address: Any) -> Any:
    """An address as a key: `("127.0.0.1", 8888)`, without IPv6's mapping, flow and scope."""
    if isinstance(address, tuple) and len(address) >= 2 and isinstance(address[0], str):
        host = address[0].removeprefix("::ffff:").partition("%")[0]
        return host, address[1]
    if isinstance(address, str):
        return os.fsencode(address)  # a path, as the system has it; also an abstract name
    return address


def _covers(listening: Any, asked: Any) -> bool:
    """Whether a socket bound to the first address gets what is sent to the second."""
    if listening == asked:
        return True
    if not isinstance(listening, tuple) or not isinstance(asked, tuple):
        return False
    here, there = listening[0], asked[0]
    if listening[1] != asked[1] or not (isinstance(here, str) and isinstance(there, str)):
        return False
    if here == "::":
        return True  # IPv4 too, unless IPV6_V6ONLY is set
    alike = (":" in here) == (":" in there)
    return (here == "0.0.0.0" and alike) or there == "" or (there in _ANY and alike)


def _is_elsewhere(local: Any, remote: Any) -> bool:
    """Whether a connection with these ends leads to another computer, as far as they tell.

    To itself a computer speaks from the address that it speaks to, or from a loopback one.
    """
    if not isinstance(local, tuple) or not isinstance(remote, tuple):
        return False
    here, there = local[0], remote[0]
    if not (isinstance(here, str) and isinstance(there, str)):
        return False
    inside = (*_ANY, "", "::1")
    return here != there and not any(
        host in inside or host.startswith("127.") for host in (here, there)
    )


class Wire:
    """All connections, listeners and datagram sockets that the recorder knows."""

    def __init__(self) -> None:
        self.endpoints: dict[tuple[Any, Any], Endpoint] = {}
        """By (own address, peer's address), as long as either end is open."""
        self.listeners: list[Listener] = []
        self.datagram_queues: dict[Any, DatagramQueue] = {}

    def listen(self, address: Any, timestamp: Timestamp) -> Listener:
        """A socket listens at `address`."""
        listening = Listener(plain_address(address), timestamp)
        self.listeners.append(listening)
        return listening

    def listener_at(self, address: Any) -> Listener | None:
        """The recorded listener that a connect to `address` reaches."""
        asked = plain_address(address)
        fitting = [each for each in self.listeners if _covers(each.address, asked)]

        def rank(each: Listener) -> tuple[bool, bool]:
            return each.address == asked, each.address[:1] != ("::",)

        return max(fitting, key=rank, default=None)

    def pending(self, listening: Listener, timestamp: Timestamp) -> PendingConnect:
        """A connect is about to be made."""
        here, _ = Endpoint.pair()
        here.handles = 1
        here.tracked = listening.tracked
        pending = PendingConnect(
            timestamp, here, at_any=listening.address[:1] in (("0.0.0.0",), ("::",))
        )
        listening.pending.append(pending)
        return pending

    def resolve(self, pending: PendingConnect, local: Any, peer: Any) -> bool:
        """The connect is in the kernel's hands: now its own address is known.

        False if it leads to another computer: a listener at every interface was not meant.

        Windows may not tell the host of it yet. On this machine it is then the peer's.
        """
        local, remote = plain_address(local), plain_address(peer)
        if pending.at_any and _is_elsewhere(local, remote):
            return False
        if isinstance(local, tuple) and isinstance(remote, tuple) and local[0] in _ANY:
            local = (remote[0], local[1])
        pending.local = local
        self.name(pending.endpoint, local, peer)
        if pending.endpoint.peer is not None:
            self.name(pending.endpoint.peer, peer, local)
        return True

    def name(self, endpoint: Endpoint, local: Any, peer: Any) -> None:
        """The addresses of an end are known: it can be found by them."""
        endpoint.key = (plain_address(local), plain_address(peer))
        self.endpoints[endpoint.key] = endpoint

    def withdraw(self, listening: Listener, pending: PendingConnect) -> None:
        """The connect failed."""
        if pending in listening.pending:
            listening.pending.remove(pending)
        self.forget(pending.endpoint)

    def answer(self, listening: Listener, peer: Any) -> PendingConnect | None:
        """An accept returned `peer`. The connect it took, or None if it came from outside."""
        asked = plain_address(peer)
        unnamed = not isinstance(asked, tuple)
        for pending in listening.pending:
            if unnamed or pending.local == asked:
                listening.pending.remove(pending)
                if pending.endpoint.peer is not None:
                    pending.endpoint.peer.handles = 1
                return pending
        return None

    def find(self, local: Any, peer: Any) -> Endpoint | None:
        """The known end of a connection with these two addresses."""
        return self.endpoints.get((plain_address(local), plain_address(peer)))

    def stop_listening(self, listening: Listener, timestamp: Timestamp) -> None:
        """One handle was closed. If it was the last, the kernel resets who waited in the queue."""
        listening.handles -= 1
        if listening.handles > 0:
            return
        if listening in self.listeners:
            self.listeners.remove(listening)
        for pending in listening.pending:
            pending.endpoint.incoming.finish(timestamp, "reset")
            if pending.endpoint.peer is not None:
                pending.endpoint.peer.closed = True
            if pending.endpoint.closed:
                self.forget(pending.endpoint)
        listening.pending.clear()

    def release(self, endpoint: Endpoint, timestamp: Timestamp, abort: bool) -> None:
        """One handle of this end was closed. If it was the last, that sends something to the peer.

        A close with unread data, or with SO_LINGER at zero, resets the connection
        (RFC 1122, 4.2.2.13); any other close sends FIN.
        """
        endpoint.handles -= 1
        if endpoint.handles > 0 or endpoint.closed:
            return
        endpoint.closed = True
        unread = endpoint.tracked and endpoint.incoming.in_flight > 0  # or a child has read it
        endpoint.outgoing.finish(timestamp, "reset" if abort or unread else "end")
        if endpoint.peer is None or endpoint.peer.closed:
            self.forget(endpoint)

    def forget(self, endpoint: Endpoint) -> None:
        """Both ends are closed: the addresses may be used again."""
        for end in (endpoint, endpoint.peer):
            if end is not None and end.key and self.endpoints.get(end.key) is end:
                del self.endpoints[end.key]

    def untrack(self) -> None:
        """The process was forked: the child may use every connection, unseen."""
        for endpoint in list(self.endpoints.values()):
            endpoint.tracked = False
        for listening in list(self.listeners):
            listening.untrack()

    def datagram_queue_at(self, address: Any) -> DatagramQueue | None:
        """Where a datagram to `address` arrives; made now if its socket is not known yet."""
        asked = plain_address(address)
        if asked in self.datagram_queues:
            return self.datagram_queues[asked]
        for bound, datagram_queue in self.datagram_queues.items():
            if _covers(bound, asked):
                return datagram_queue
        if len(self.datagram_queues) >= DATAGRAMS_KEPT:
            return None
        return self.open_datagram_queue(asked)

    def open_datagram_queue(self, address: Any) -> DatagramQueue:
        """A datagram socket has this address now."""
        bound = plain_address(address)
        for asked in self.datagram_queues:
            if _covers(bound, asked):
                self.datagram_queues[bound] = self.datagram_queues.pop(asked)
                return self.datagram_queues[bound]
        return self.datagram_queues.setdefault(bound, DatagramQueue())

    def close_datagram_queue(self, datagram_queue: DatagramQueue) -> None:
        """One handle of the datagram socket was closed."""
        datagram_queue.handles -= 1
        if datagram_queue.handles > 0:
            return
        for address in [
            each for each, found in self.datagram_queues.items() if found is datagram_queue
        ]:
            del self.datagram_queues[address]
