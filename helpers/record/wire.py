"""The account of what is on its way between the sockets that the recorder sees.

Rules of this file, of `streams.py` and of `datagrams.py`:

- They only count. They have no lock, no thread and no real socket: whoever calls them holds
  the recorder's lock.
- A send is entered *before* the real call and corrected after it. So a receiver can
  never take bytes that the account does not have yet, however the threads are scheduled.
- They may know less than the kernel (a peer outside the recorder), never more.

Theory of operation. A connection has two `Endpoint`s (`streams.py`), which are found by their
addresses. A `Listener` has an accept queue: the connects (`PendingConnect`) that no accept has
taken yet. A datagram socket has a `DatagramQueue`. Each entry carries the Lamport time of the
call that made it, and so a receive learns what caused it (see `events.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.addresses import address_key, covers, is_at_any, is_elsewhere
from helpers.record.datagrams import DatagramQueues
from helpers.record.streams import Endpoint, Pipe, Timestamp


@dataclass(slots=True, eq=False)
class PendingConnect:
    """A connect that no accept has taken yet."""

    listener: Listener
    timestamp: Timestamp
    endpoint: Endpoint
    local: Any = None
    """The client's own address, once its connect() has been handed to the kernel."""
    others: Sequence[Listener] = ()
    """More listeners at that address (SO_REUSEPORT): the system takes any of them."""

    def leave(self) -> bool:
        """No accept can take it any more. False if that was so before."""
        waiting = [each for each in (self.listener, *self.others) if self in each.accept_queue]
        for listener in waiting:
            listener.accept_queue.remove(self)
        return bool(waiting)


@dataclass(slots=True, eq=False)
class Listener:
    """A listener, and the connects that no accept has taken yet."""

    address: Any
    timestamp: Timestamp
    accept_queue: list[PendingConnect] = field(default_factory=list)
    handles: int = 1
    """How many recorded socket objects share it."""
    tracked: bool = True
    """False once a connection can be accepted here without a recorded call."""
    owners: set[Any] = field(default_factory=set)
    """The actors that have listened here, or waited here for a client."""

    @property
    def expects_a_client(self) -> bool:
        """Whether a connect has come for it, and for no other listener."""
        return any(not pending.others for pending in self.accept_queue)

    def untrack(self) -> None:
        """Somebody who is not recorded may accept here from now on."""
        self.tracked = False
        for pending in self.accept_queue:
            pending.endpoint.tracked = False


class Wire:
    """All connections, listeners and datagram sockets that the recorder knows."""

    def __init__(self) -> None:
        self.endpoints: dict[tuple[Any, Any], Endpoint] = {}
        """By (own address, peer's address), as long as either end is open."""
        self.listeners: list[Listener] = []
        self.datagrams = DatagramQueues()

    def untrack(self) -> None:
        """The process was forked: the child may use every connection, unseen."""
        for endpoint in list(self.endpoints.values()):
            endpoint.goes_elsewhere()
        for listener in list(self.listeners):
            listener.untrack()

    # Listeners

    def listen(self, address: Any, timestamp: Timestamp) -> Listener:
        """A socket listens at `address`."""
        listener = Listener(address_key(address), timestamp)
        self.listeners.append(listener)
        return listener

    def listeners_at(self, address: Any) -> Sequence[Listener]:
        """The recorded listeners of which a connect to `address` reaches one: mostly just one."""
        asked = address_key(address)
        fitting = [each for each in self.listeners if covers(each.address, asked)]

        def rank(each: Listener) -> tuple[bool, bool]:
            return each.address == asked, each.address[:1] != ("::",)

        best = max(map(rank, fitting), default=None)
        return [each for each in fitting if rank(each) == best]

    def listener_at(self, address: Any) -> Listener | None:
        """The recorded listener that a connect to `address` reaches, if that is certain."""
        found = self.listeners_at(address)
        return found[0] if len(found) == 1 else None

    def stop_listening(self, listener: Listener, timestamp: Timestamp) -> None:
        """One handle was closed. If it was the last, the kernel resets who waited in the queue."""
        listener.handles -= 1
        if listener.handles > 0:
            return
        self.lose(listener)
        for pending in listener.accept_queue:
            if pending.others:  # it may have come for another one
                continue
            pending.endpoint.incoming.finish(timestamp, "reset")
            if pending.endpoint.peer is not None:
                pending.endpoint.peer.closed = True
            if pending.endpoint.closed:
                self.forget(pending.endpoint)
        listener.accept_queue.clear()

    def lose(self, listener: Listener) -> None:
        """Nobody who is recorded can connect to it any more."""
        if listener in self.listeners:
            self.listeners.remove(listener)

    # Connects and accepts

    def connecting(self, listener: Listener, timestamp: Timestamp) -> PendingConnect:
        """A connect is about to be made."""
        return self.connecting_to_one_of([listener], timestamp)

    def connecting_to_one_of(
        self, listeners: Sequence[Listener], timestamp: Timestamp
    ) -> PendingConnect:
        """A connect is about to be made. Which listener it reaches, its accept will tell."""
        here, there = Endpoint.pair()
        here.handles = 1
        there.owners = listeners[0].owners  # theirs it is, until an accept returns it
        if len(listeners) > 1:
            there.owners = set().union(*(each.owners for each in listeners))
        here.tracked = all(each.tracked for each in listeners)
        listener, *others = listeners
        pending = PendingConnect(listener, timestamp, here, others=others)
        for each in listeners:
            each.accept_queue.append(pending)
        return pending

    def handed_over(self, pending: PendingConnect, local: Any, peer: Any) -> bool:
        """The connect is in the kernel's hands: now its own address is known.

        False if it leads to another computer: a listener at every interface was not meant, and
        the same port of another computer looks the same.

        Windows may not tell the host of it yet. On this machine it is then the peer's.
        """
        local, remote = address_key(local), address_key(peer)
        if is_at_any(pending.listener.address) and is_elsewhere(local, remote):
            self.not_connected(pending)
            return False
        if is_at_any(local) and isinstance(remote, tuple):
            local = (remote[0], local[1])
        pending.local = local
        self.name(pending.endpoint, local, peer)
        if pending.endpoint.peer is not None:
            self.name(pending.endpoint.peer, peer, local)
        return True

    def not_connected(self, pending: PendingConnect) -> None:
        """The connect failed."""
        if pending.leave():
            self.forget(pending.endpoint)

    def accepted(self, listener: Listener, peer: Any) -> PendingConnect | None:
        """An accept returned `peer`. The connect it took, or None if it came from outside."""
        asked = address_key(peer)
        unnamed = not isinstance(asked, tuple)
        for pending in listener.accept_queue:
            if unnamed or pending.local == asked:
                pending.leave()
                if pending.endpoint.peer is not None:
                    pending.endpoint.peer.handles = 1
                return pending
        return None

    # Endpoints

    def connected(self, local: Any, peer: Any) -> Endpoint:
        """A socket is connected with one that is not recorded."""
        endpoint = Endpoint()
        endpoint.handles = 1
        self.name(endpoint, local, peer)
        return endpoint

    def paired(self, first: Any, second: Any) -> tuple[Endpoint, Endpoint]:
        """Two sockets were made that are connected with each other, under these names."""
        here, there = Endpoint.pair()
        here.handles = there.handles = 1
        self.name(here, first, second)
        self.name(there, second, first)
        return here, there

    def adopted(self, local: Any, peer: Any) -> Endpoint:
        """A descriptor with these addresses got one socket object more."""
        endpoint = self.endpoints.get((address_key(local), address_key(peer)))
        if endpoint is None:
            return self.connected(local, peer)
        endpoint.handles += 1
        return endpoint

    def name(self, endpoint: Endpoint, local: Any, peer: Any) -> None:
        """The addresses of an end are known: it can be found by them."""
        endpoint.key = (address_key(local), address_key(peer))
        self.endpoints[endpoint.key] = endpoint

    def release(self, endpoint: Endpoint, timestamp: Timestamp, abort: bool) -> None:
        """One handle of this end was closed (`Endpoint.release`)."""
        if endpoint.release(timestamp, abort):
            self.forget(endpoint)

    def part(self, endpoint: Endpoint) -> None:
        """From now on nothing is known of what crosses between this end and its peer."""
        peer = endpoint.peer
        for end in (endpoint, peer):
            if end is not None:
                end.incoming, end.outgoing, end.peer = Pipe(), Pipe(), None
                if end.closed:
                    self.forget(end)

    def forget(self, endpoint: Endpoint) -> None:
        """Both ends are closed: the addresses may be used again."""
        for end in (endpoint, endpoint.peer):
            if end is not None and end.key and self.endpoints.get(end.key) is end:
                del self.endpoints[end.key]
