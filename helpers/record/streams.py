"""The bytes of one connection that are on their way, and how each direction ends.

Rules of this file: those of `wire.py`. A connection is two `Pipe`s, one in each direction. Its
two ends are `Endpoint`s: what one puts into its outgoing pipe, the other takes from its
incoming one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpers.record.events import CauseKind

SEGMENTS_KEPT = 256
"""Sends that a pipe tells apart while nobody reads them; older ones are joined."""


@dataclass(slots=True, eq=False)
class Timestamp:
    """A call that something else may come from: its Lamport time and its event."""

    clock: int
    event: int


@dataclass(slots=True, eq=False)
class Segment(Timestamp):
    """What one send put into a pipe. `stop` counts from the first byte of the pipe."""

    stop: int
    urgent: bool = False
    """Its last byte was sent with MSG_OOB: who asks for it gets it before all others (tcp(7))."""


Origin = tuple[Timestamp | None, CauseKind, int]
"""What a call learns of a cause: the call it came from (if known), what crossed, and how many
bytes of it. `Call.follow` takes it."""


class Pipe:
    """One direction of a connection: what went in, and what came out."""

    __slots__ = (
        "end",
        "end_kind",
        "ends_tls",
        "looked_at",
        "messages",
        "received",
        "segments",
        "sent",
    )

    def __init__(self) -> None:
        self.sent = 0
        self.received = 0
        self.segments: deque[Segment] = deque()
        self.end: Timestamp | None = None
        self.end_kind: CauseKind = "end"
        self.ends_tls = False
        """The end is that of TLS: the connection may go on without it."""
        self.messages = False
        """Each receive takes what one send has put in, and no more. A message counts one byte more
        than it has: an empty one is there, too."""
        self.looked_at: tuple[int, int] | None = None
        """Which bytes the last call with MSG_PEEK has seen: from where on, and how many."""

    @property
    def in_flight(self) -> int:
        """Bytes sent and not yet received."""
        return self.sent - self.received

    def put(self, size: int, clock: int, event: int) -> Segment:
        """Enter `size` bytes that are about to be sent by the call of that time and event."""
        stop = self.sent = self.sent + size + self.messages
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
        size += self.messages
        self.sent -= size
        later = segment not in self.segments
        for each in self.segments:
            later = later or each is segment
            if later:
                each.stop -= size
        if self.messages and segment in self.segments:
            self.segments.remove(segment)  # it is sent as a whole, or not at all

    def take(self, size: int) -> Sequence[Origin]:
        """`size` bytes were received. The sends they came from, and how many of each."""
        position = self.received
        received = self.received = position + size
        segments = self.segments
        if segments and segments[0].stop == received:  # just one send, as most often
            return ((segments.popleft(), "data", size),)
        taken: list[Origin] = []
        while segments and position < received:
            segment = segments[0]
            stop = segment.stop
            if stop > position:
                count = (stop if stop < received else received) - position
                position += count
                taken.append((segment, "data", count))
            if stop <= received:
                segments.popleft()
        if received > self.sent:
            self.sent = received
        return taken

    def take_message(self, size: int) -> Sequence[Origin]:
        """`size` bytes of the next message were received: the rest of it is lost."""
        if not self.segments:
            return ()
        segment = self.segments.popleft()
        self.received = segment.stop
        return ((segment, "datagram", size),)

    def take_urgent(self, size: int) -> Sequence[Origin]:
        """`size` bytes were received with MSG_OOB: they are no part of the stream any more."""
        segment = next((each for each in reversed(self.segments) if each.urgent), None)
        if segment is None:
            return self.take(size)
        segment.urgent = False
        self.take_back(segment, size)
        return ((segment, "data", size),)

    def peek(self, size: int) -> Sequence[Origin]:
        """The sends that the next `size` bytes come from. They stay where they are."""
        if self.messages:
            return [(segment, "datagram", size) for segment in (*self.segments,)[:1]]
        position = self.received
        stop = position + size
        seen: list[Origin] = []
        for segment in self.segments:
            if position >= stop:
                break
            if segment.stop > position:
                count = min(segment.stop, stop) - position
                position += count
                seen.append((segment, "data", count))
        return seen

    def finish(self, timestamp: Timestamp, kind: CauseKind) -> None:
        """Nothing more will be put in. The first end counts, but a reset overrules a FIN."""
        if self.end is None or self.ends_tls or (kind == "reset" and self.end_kind == "end"):
            self.end, self.end_kind, self.ends_tls = timestamp, kind, False


class Endpoint:
    """One end of a connection."""

    __slots__ = (
        "closed",
        "connection_errors",
        "elsewhere",
        "eof_reads",
        "handles",
        "incoming",
        "key",
        "outgoing",
        "owners",
        "peer",
        "tls",
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
        self.elsewhere = False
        """Another program has this end, too, and it is open as long as one of them has it."""
        self.closed = False
        self.tls: Timestamp | None = None
        """The call with which this end began to speak TLS."""
        self.eof_reads = 0
        """How often a receive here gave the end."""
        self.connection_errors = 0
        """How often a call here met an error of the connection."""
        self.would_block_count = 0
        """How often a non-blocking call here would have had to wait."""
        self.owners: set[Any] = set()
        """The actors that have used it: the other side is blocked on them."""

    @classmethod
    def pair(cls) -> tuple[Endpoint, Endpoint]:
        """The two ends of one connection."""
        here, there = cls(), cls()
        there.incoming, there.outgoing = here.outgoing, here.incoming
        here.peer, there.peer = there, here
        return here, there

    def keep_boundaries(self) -> None:
        """Both ends are those of a SOCK_SEQPACKET."""
        self.incoming.messages = self.outgoing.messages = True

    @property
    def expects_nothing(self) -> bool:
        """Whether a receive would have to wait, as far as the account tells."""
        return not self.can_give(1)

    def can_give(self, size: int) -> bool:
        """Whether a receive that waits for so many bytes would go on: they, or the end, are there
        or in flight."""
        incoming = self.incoming
        return incoming.sent - incoming.received >= size or incoming.end is not None

    @property
    def peer_is_tracked(self) -> bool:
        """Whether all that can arrive here passes through recorded calls."""
        return self.tracked and self.peer is not None and self.peer.tracked

    def goes_elsewhere(self) -> None:
        """Another program gets this end, too."""
        self.tracked, self.elsewhere = False, True

    def read_end(self) -> Sequence[Origin]:
        """A receive that asked for bytes has got none: the end. What that came from."""
        self.eof_reads += 1
        if self.incoming.ends_tls:
            return ()  # what ended it may not have returned yet (`record/tls.py`)
        return ((self.incoming.end, self.incoming.end_kind, 0),)

    def failed(self, error: BaseException) -> Sequence[Origin]:
        """A call here raised. What that came from."""
        if isinstance(error, BlockingIOError):
            self.would_block_count += 1
        if not isinstance(error, ConnectionError):
            return ()
        self.connection_errors += 1
        return ((self.incoming.end, self.incoming.end_kind, 0),)

    def shut_write(self, timestamp: Timestamp) -> None:
        """shutdown(SHUT_WR): FIN is about to be sent."""
        self.outgoing.finish(timestamp, "end")

    def shut_read(self, timestamp: Timestamp) -> None:
        """shutdown(SHUT_RD): this side will read an end at once."""
        self.incoming.finish(timestamp, "end")

    def release(self, timestamp: Timestamp, abort: bool) -> bool:
        """One handle was closed. If it was the last, that sends something to the peer.

        A close with unread data, or with SO_LINGER at zero, resets the connection
        (RFC 1122, 4.2.2.13); any other close sends FIN. True once both ends are closed.
        """
        self.handles -= 1
        if self.handles > 0 or self.closed:
            return False
        self.closed = True
        unread = self.tracked and self.incoming.in_flight > 0  # or a child has read it
        self.outgoing.finish(timestamp, "reset" if abort or unread else "end")
        return self.peer is None or self.peer.closed
