"""What each call does on the wire, and what that tells the call: who caused it.

Rules of this file:

- Each method is one thing that a socket does. It takes the lock, tells the wire, and notes on
  the call and on the socket what the wire knows. It makes no system call and does not wait.
- Whoever may be watched for (an address, an end) is set first; then the watchers are told.
"""

from __future__ import annotations

import _socket
import weakref
from collections.abc import Iterator
from typing import Any

from helpers.addresses import address_key
from helpers.record.datagrams import DatagramQueue
from helpers.record.lock import DrainingLock
from helpers.record.model import ActorState, Call
from helpers.record.socket_info import SocketInfo
from helpers.record.streams import Endpoint
from helpers.record.watchers import Watchers
from helpers.record.wire import PendingConnect, Wire


class Tracker:
    """Keeps the account of all recorded sockets."""

    def __init__(self, lock: DrainingLock, wire: Wire, watchers: Watchers) -> None:
        self._lock = lock
        self._wire = wire
        self._watchers = watchers
        self._sockets: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()

    # Which socket is meant

    def attach(self, sock: Any, info: SocketInfo) -> SocketInfo:
        """From now on this is what is known of that socket."""
        sock._info = info
        self._sockets[info.number] = sock
        return info

    def socket_of(self, number: int) -> Any:
        """The socket object of that number (`Event.socket`); None if it is no more."""
        return self._sockets.get(number)

    def _alive(self) -> list[Any]:
        """The socket objects that there are. (Threads make new ones meanwhile, so in one step.)"""
        return [sock for each in self._sockets.valuerefs() if (sock := each()) is not None]

    def others(self, info: SocketInfo) -> Iterator[tuple[SocketInfo, int]]:
        """The other open sockets that may have its addresses, each with its descriptor."""
        for sock in self._alive():
            other: SocketInfo | None = getattr(sock, "_info", None)
            descriptor = _socket.socket.fileno(sock)  # a learner's class may have its own
            if other is None or other.number == info.number or descriptor < 0:
                continue
            if other.local in (None, info.local) and other.peer in (None, info.peer):
                yield other, descriptor

    def has_another(self, info: SocketInfo, descriptor: int) -> bool:
        """Whether another object has this very descriptor, too."""
        return any(number == descriptor for _, number in self.others(info))

    # Connections

    def shut(self, call: Call, read: bool, write: bool) -> None:
        """shutdown() is about to be called."""
        call.info.used = max(call.info.used, call.clock)  # a wait in another thread may end now
        endpoint = call.info.endpoint
        if endpoint is not None:
            with self._lock.hold():
                if write:
                    endpoint.shut_write(call.timestamp)
                if read:
                    endpoint.shut_read(call.timestamp)

    def has_address(self, call: Call, local: Any) -> None:
        """The socket was bound, by the program or by the kernel."""
        call.info.local = call.local = local
        if not call.info.connects and call.info.datagram_queue is None:
            with self._lock.hold():
                queue = self._wire.datagrams.open(local, call.number)
                queue.socket = call.info.number
                call.info.datagram_queue = queue
            self._serves_at(call.state, call.clock, local)

    def has_peer(self, info: SocketInfo, peer: Any) -> None:
        """A datagram socket was connected: it gets what comes from there, and nothing else."""
        info.peer = peer
        if info.datagram_queue is not None:
            with self._lock.hold():
                info.datagram_queue.peer = address_key(peer)

    def listening(self, call: Call, address: Any) -> None:
        """The socket listens."""
        call.info.local = call.local = address
        call.info.used = call.clock
        call.info.role = "listener"
        with self._lock.hold():
            if call.info.listener is None:
                call.info.listener = self._wire.listen(address, call.timestamp)
            call.info.listener.owners.add(call.state)
        # Only now: whoever knows the address connects, and looks for the listener there.
        self._serves_at(call.state, call.clock, address)

    def serves(self, state: ActorState, info: SocketInfo) -> None:
        """The actor waits for clients here: this is its address, if it made none of its own."""
        if info.listener is not None:
            info.listener.owners.add(state)
        if state.address is None and info.local is not None:
            self._serves_at(state, info.used, info.local)

    def _serves_at(self, state: ActorState, clock: int, address: Any) -> None:
        state.addressed, state.address = clock, address
        self._watchers.moved(state)

    def connecting(self, call: Call, address: Any) -> PendingConnect | None:
        """A connect is about to be made to `address`.

        None if its listener is not recorded, or the socket is connected already. Otherwise the
        caller holds the lock from here until `handed_over`, unless the real connect may wait:
        the accept that it makes possible looks for it under the lock, by the client's address.
        """
        with self._lock.hold():
            listeners = self._wire.listeners_at(address)
            if not listeners or call.info.endpoint or call.info.listener:
                return None
            for each in listeners:
                if len(listeners) == 1:
                    call.follow(each.timestamp, "listen")
                call.came_after(each.timestamp.clock)
            call.began = call.clock
            pending = self._wire.connecting_to_one_of(listeners, call.timestamp)
            pending.endpoint.owners.add(call.state)
            if call.info.messages:
                pending.endpoint.keep_boundaries()
            return pending

    def handed_over(
        self, call: Call, pending: PendingConnect | None, local: Any, peer: Any
    ) -> None:
        """The kernel makes the connection now, and has given the socket its address."""
        call.info.role = "client"
        call.info.local = call.local = local
        call.info.peer = call.peer = peer
        with self._lock.hold():
            if pending is not None and self._wire.handed_over(pending, local, peer):
                call.info.endpoint = pending.endpoint
            elif call.info.endpoint is None:
                call.info.endpoint = self._wire.connected(local, peer)

    def not_connected(
        self, call: Call, pending: PendingConnect | None, before: Endpoint | None
    ) -> None:
        """The connect failed. The connection that the socket had before stays as it is."""
        with self._lock.hold():
            if pending is not None:
                self._wire.not_connected(pending)
            if call.info.endpoint is not None and call.info.endpoint is not before:
                self._wire.forget(call.info.endpoint)
            call.info.endpoint = before

    def accepted(self, call: Call, info: SocketInfo, local: Any, peer: Any) -> None:
        """An accept made a socket: find the connect that it answers."""
        info.local, info.peer, info.role = local, peer, "conn"
        info.messages = call.info.messages
        listener = call.info.listener
        with self._lock.hold():
            pending = self._wire.accepted(listener, peer) if listener is not None else None
            if pending is None:
                endpoint = self._wire.connected(local, peer)
            else:
                call.follow(pending.timestamp, "connect")
                endpoint = pending.endpoint.peer or Endpoint()
            endpoint.owners = {call.state}
            info.endpoint = endpoint
            info.used = call.clock
            call.made = info.number

    def paired(self, first: SocketInfo, second: SocketInfo) -> None:
        """socketpair() made two sockets: one connection, or what one sends the other receives."""
        with self._lock.hold():
            if first.connects:
                first.endpoint, second.endpoint = self._wire.paired(first.number, second.number)
                if first.messages:
                    first.endpoint.keep_boundaries()
                return
            for here, there in ((first, second), (second, first)):
                here.datagram_queue = there.pair = DatagramQueue()
                here.datagram_queue.socket = here.number

    # More handles, other hands, and the end

    def shared(self, info: SocketInfo, other: SocketInfo) -> None:
        """dup(): a second descriptor for the same socket."""
        info.be_the_same_as(other)
        with self._lock.hold():
            for shared in (info.endpoint, info.listener, info.datagram_queue):
                if shared is not None:
                    shared.handles += 1

    def adopted(self, info: SocketInfo, listens: bool) -> None:
        """A socket object was made for a descriptor that the program already had."""
        with self._lock.hold():
            if listens:
                info.role = "listener"
                info.listener = self._wire.listener_at(info.local)
                if info.listener is not None:
                    info.listener.handles += 1
            if info.peer is not None:
                info.endpoint = self._wire.adopted(info.local, info.peer)

    def untrack(self, info: SocketInfo) -> None:
        """From now on bytes and clients may come and go without a recorded call."""
        if info.endpoint is not None:
            info.endpoint.tracked = False
        if info.listener is not None:
            with self._lock.hold():
                info.listener.untrack()

    def untrack_descriptor(self, descriptor: int) -> None:
        """Another program gets the socket that has this descriptor, if it is recorded."""
        for sock in self._alive():
            if _socket.socket.fileno(sock) == descriptor:
                self.goes_elsewhere(sock._info)

    def goes_elsewhere(self, info: SocketInfo) -> None:
        """Another program gets this socket, too."""
        self.untrack(info)
        if info.endpoint is not None:
            info.endpoint.goes_elsewhere()

    def detached(self, info: SocketInfo) -> None:
        """The program has taken the descriptor, or closes it after the recording."""
        self.untrack(info)
        with self._lock.hold():
            if info.endpoint is not None:
                self._wire.forget(info.endpoint)
            if info.listener is not None:
                self._wire.lose(info.listener)
            if info.datagram_queue is not None:
                self._wire.datagrams.close(info.datagram_queue)
            info.endpoint = info.listener = info.datagram_queue = None
