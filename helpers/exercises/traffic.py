"""The sockets that a stage has made, and what is on its way between them and the function.

Rules of this file:

- The account of what is in flight tells (`wire.py`). The kernel is asked only for what the
  account cannot know: whether a reset has come.
- Nothing here waits.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from helpers.record.busy_loop import BUSY_LOOP
from helpers.record.datagrams import Datagram
from helpers.record.model import Wait
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.streams import Endpoint
from helpers.record.wakeup import is_broken, is_ready

MORE_THAN_CAME = 5_000
"""Bytes beyond those that have come, after which a server sends for ever. Chosen: a greeting, or a
word before each piece, has less."""

DATAGRAMS = 300
"""Datagrams that wait at a peer, after which a server sends for ever. Chosen: each peer reads what
it gets before it sends again."""

READS_THE_END = "reads_the_end"
IGNORES_ERRORS = "ignores_errors"


class Traffic:
    """The sockets of one run, but for those that the function has made."""

    def __init__(self) -> None:
        self.own: list[socket.socket] = []
        """All that the stage has made."""
        self.given: list[socket.socket] = []
        """Those of them that the function works with."""
        self._links: list[Endpoint] = []
        """The peers' ends of their connections to the function."""
        self._stays: dict[object, Any] = {}
        """What the function did not take when it was seen at rest, by the end or the listener."""

    def keep(self, sock: socket.socket, name: str) -> socket.socket:
        """A socket of the stage. The record calls it `name`."""
        self.own.append(sock)
        info = info_of(sock)
        if info is not None:
            info.name, info.name_tries = name, 0
        return sock

    def link(self, sock: socket.socket) -> None:
        """This peer is connected to the function."""
        end = _end_of(sock)
        if end is not None:
            self._links.append(end)

    @property
    def peers(self) -> list[socket.socket]:
        """Those that the function does not work with."""
        return [sock for sock in self.own if sock not in self.given]

    @property
    def is_in_flight(self) -> bool:
        """Whether a peer has sent something that the function has not taken.

        What it did not take when it was seen at rest is nothing new, as long as nothing changes.
        """
        for end in self._links:
            peer = end.peer
            if peer is None or peer.closed:
                continue
            goes = end.outgoing.in_flight or (end.outgoing.end is not None and not peer.eof_reads)
            if goes and self._stays.get(end) != _counts(end):
                return True
        if any(has_clients(sock) and self._stays.get(sock) != _queue(sock) for sock in self.own):
            return True
        return any(self._stays.get(queue) is not last for queue, last in self._unread().items())

    def is_left(self) -> None:
        """The function is at rest: what is in flight now is not taken any more."""
        self._stays = {end: _counts(end) for end in self._links}
        self._stays.update((sock, _queue(sock)) for sock in self.own)
        self._stays.update(self._unread())

    def doubt_anew(self) -> None:
        """What it did not take, it may take now."""
        self._stays.clear()

    def around(self, wait: Wait) -> object:
        """What has moved where it waits: it stays the same as long as nothing moves there."""
        end = wait.call.info.endpoint if wait.call is not None else None
        if end is not None:
            return _counts(end)
        counts = [_counts(each) for each in self._links]
        return (*counts, *(_queue(sock) for sock in self.own), *self._unread().items())

    def _unread(self) -> dict[object, Datagram]:
        """Of each datagram queue with something for the function: the last one that was sent."""
        peers = {info.number for info in map(info_of, self.peers) if info is not None}
        there = [
            queue for each in list(record.wire.datagrams.by_address.values()) for queue in each
        ]
        waiting = {
            id(queue): [*queue][-1:]
            for queue in there
            if queue.is_open and queue.socket not in peers
        }
        return {queue: last for queue, lasts in waiting.items() for last in lasts}

    @property
    def has_come(self) -> bool:
        """Whether the function has sent something to a peer, or has left it."""
        return any(end.incoming.received for end in self._links) or any(
            readable(peer)() for peer in self.peers if peer.fileno() >= 0
        )

    def resets_are_known(self) -> bool:
        """Whether each peer knows that its data came to a socket that is closed.

        The answer to that data is a reset (RFC 9293, 3.10.7.1). About once in a thousand times
        Linux drops the data without an answer, and its retransmission gets one.
        """
        for sock in self.own:
            end = _end_of(sock)
            if end is None or end.peer is None or not end.peer.closed:
                continue
            if end.tls is not None:
                continue  # a call that failed may have taken it: unwrap() throws data away
            if end.outgoing.in_flight and not is_broken(sock.fileno()):
                return False
        return True

    def is_flooded(self) -> bool:
        """Whether a peer was sent much more than all of them have sent."""
        queues = [info.datagram_queue for info in map(info_of, self.peers) if info is not None]
        if any(len(each) + len(each.lost) > DATAGRAMS for each in queues if each is not None):
            return True
        came = sum(end.outgoing.sent for end in self._links)  # a chat sends each to all others
        return any(end.incoming.sent > came + MORE_THAN_CAME for end in self._links)

    def spins(self) -> str:
        """Whether the function is in a loop that never ends, and in which; `""` if not."""
        ends = [end.peer for end in self._links if end.peer is not None]
        if any(end.eof_reads > BUSY_LOOP for end in ends):
            return READS_THE_END
        return IGNORES_ERRORS if any(end.connection_errors > BUSY_LOOP for end in ends) else ""


def readable(sock: socket.socket) -> Callable[[], bool]:
    """A condition to wait for: something has come to this socket."""
    return lambda: is_ready(sock.fileno(), write=False)


def has_clients(listener: socket.socket) -> bool:
    """Whether a client waits to be accepted: its connect() has begun, at least."""
    info = info_of(listener)
    return info is not None and info.listener is not None and bool(info.listener.accept_queue)


def _counts(end: Endpoint) -> tuple[object, ...]:
    """What has moved on a connection so far."""
    pipes = [(pipe.sent, pipe.received, pipe.end) for pipe in (end.incoming, end.outgoing)]
    return (*pipes, end.peer is None or end.peer.closed)


def _queue(sock: socket.socket) -> tuple[object, ...]:
    """Who waits to be accepted."""
    info = info_of(sock)
    return () if info is None or info.listener is None else (*info.listener.accept_queue,)


def may_be_on_its_way(sock: socket.socket) -> bool:
    """Whether something may come to this peer that the kernel is still moving."""
    info = info_of(sock)
    if info is not None and not info.stream:
        return bool(info.datagram_queue)
    end = _end_of(sock)
    return end is None or not (end.expects_nothing and end.peer_is_tracked)


def _end_of(sock: socket.socket) -> Endpoint | None:
    info = info_of(sock)
    return info.endpoint if info is not None else None
