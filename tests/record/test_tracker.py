"""The tracker alone: what a call does on the wire, and what it learns. No socket here."""

from __future__ import annotations

import pytest

from helpers.record.carrying import Carrying
from helpers.record.events import DATA_KEPT, Actor
from helpers.record.leaving import Leaving
from helpers.record.lock import DrainingLock
from helpers.record.model import ActorState, Call
from helpers.record.posting import Posting
from helpers.record.socket_info import SocketInfo
from helpers.record.tracker import Tracker
from helpers.record.watchers import Watchers
from helpers.record.wire import Wire

SERVER = ("127.0.0.1", 8888)
CLIENT = ("127.0.0.1", 40000)


class Scene:
    def __init__(self) -> None:
        lock = DrainingLock()
        self.wire = Wire()
        self.tracker = Tracker(lock, self.wire, Watchers(lock))
        self.carrying = Carrying(lock)
        self.leaving = Leaving(lock, self.wire)
        self.posting = Posting(lock, self.wire)
        self.cell = ActorState(Actor(0, "cell", "cell"))
        self.server = ActorState(Actor(1, "server", "server"))

    def call(self, state: ActorState, name: str, info: SocketInfo) -> Call:
        state.clock += 1
        return Call(state, info, name, (), state.clock)

    def connected(self) -> tuple[SocketInfo, SocketInfo]:
        """A client of the cell's, and the socket that the server's accept has made."""
        listener, client, conn = (SocketInfo(0, stream=True) for _ in range(3))
        self.tracker.listening(self.call(self.server, "listen", listener), SERVER)
        connect = self.call(self.cell, "connect", client)
        pending = self.tracker.connecting(connect, SERVER)
        self.tracker.handed_over(connect, pending, CLIENT, SERVER)
        accept = self.call(self.server, "accept", listener)
        self.tracker.accepted(accept, conn, SERVER, CLIENT)
        assert [kind for _, kind, _ in connect.causes] == ["listen"]
        assert [event for event, _, _ in accept.causes] == [connect.number]
        assert (listener.role, client.role, conn.role) == ("listener", "client", "conn")
        return client, conn


def test_a_receive_comes_after_the_send_that_it_came_from() -> None:
    scene = Scene()
    client, conn = scene.connected()
    scene.cell.clock = 50
    send, receive = scene.call(scene.cell, "send", client), scene.call(scene.server, "recv", conn)
    segment = scene.carrying.sending(send, b"hello", 5)
    scene.carrying.sent_less(send, segment, 3)
    scene.carrying.received(receive, b"hel", 3, 100)
    assert (send.data, send.size, receive.data, receive.size) == (b"hel", 3, b"hel", 3)
    assert receive.causes == ((send.number, "data", 3),)
    assert receive.clock == send.clock + 1 == 52
    assert not receive.no_progress


@pytest.mark.parametrize(("asked", "reads"), [(0, 0), (1, 1)])
def test_an_end_is_read_only_where_something_was_asked_for(asked: int, reads: int) -> None:
    scene = Scene()
    client, conn = scene.connected()
    shut, receive = (
        scene.call(scene.cell, "shutdown", client),
        scene.call(scene.server, "recv", conn),
    )
    scene.tracker.shut(shut, read=False, write=True)
    scene.carrying.received(receive, b"", 0, asked)
    assert conn.endpoint is not None
    assert (conn.endpoint.eof_reads, receive.no_progress) == (reads, bool(reads))
    assert receive.causes == reads * ((shut.number, "end", 0),)


def test_a_call_that_takes_its_bytes_in_pieces_has_all_of_them() -> None:
    scene = Scene()
    client, conn = scene.connected()
    receive = scene.call(scene.server, "recv", conn)
    sends = [scene.call(scene.cell, "send", client) for _ in range(3)]
    for send in sends:
        scene.carrying.sending(send, bytes(DATA_KEPT), 100)
        scene.carrying.received(receive, bytes(DATA_KEPT), 100, 300)
    assert (receive.size, len(receive.data)) == (300, DATA_KEPT)
    assert receive.causes == tuple((send.number, "data", 100) for send in sends)


def test_a_connect_that_fails_leaves_the_socket_as_it_was() -> None:
    scene = Scene()
    client, _ = scene.connected()
    before, again = client.endpoint, scene.call(scene.cell, "connect", client)
    assert scene.tracker.connecting(again, SERVER) is None
    scene.tracker.not_connected(again, None, before)
    assert client.endpoint is before
    new = SocketInfo(0, stream=True)
    connect = scene.call(scene.cell, "connect", new)
    pending = scene.tracker.connecting(connect, SERVER)
    scene.tracker.handed_over(connect, pending, ("127.0.0.1", 40001), SERVER)
    scene.tracker.not_connected(connect, pending, None)
    assert new.endpoint is None
    assert not scene.wire.listeners[0].accept_queue
    assert len(scene.wire.endpoints) == 2


def test_a_datagram_that_was_not_sent_is_taken_back() -> None:
    scene = Scene()
    sender, receiver = (SocketInfo(0, stream=False) for _ in range(2))
    bind = scene.call(scene.server, "bind", receiver)
    scene.tracker.has_address(bind, SERVER)
    assert (scene.server.address, scene.server.addressed) == (SERVER, bind.clock)
    first, second = (scene.call(scene.cell, "sendto", sender) for _ in range(2))
    datagram = scene.posting.posting(first, SERVER, b"x", 1, int)
    scene.posting.posting(second, SERVER, b"x", 1, int)
    scene.posting.not_posted(first, datagram)
    scene.posting.not_posted(first, datagram)
    fetch = scene.call(scene.server, "recvfrom", receiver)
    scene.posting.fetched(fetch, b"x", 1, 100)
    assert fetch.causes == ((second.number, "datagram", 1),)
    assert (first.size, first.data) == (0, b"")


def test_a_duplicate_keeps_all_open_until_it_is_closed_too() -> None:
    scene = Scene()
    client, conn = scene.connected()
    copy = SocketInfo(0, stream=True)
    scene.tracker.shared(copy, client)
    end = client.endpoint
    close = scene.call(scene.cell, "close", client)
    scene.leaving.closing(client, close.timestamp)
    assert (client.endpoint, copy.endpoint) == (None, end)
    assert conn.endpoint is not None
    assert conn.endpoint.incoming.end is None
    scene.leaving.closing(copy, close.timestamp)
    assert conn.endpoint.incoming.end_kind == "end"


def test_what_somebody_else_holds_is_not_tracked() -> None:
    scene = Scene()
    client, conn = scene.connected()
    scene.tracker.untrack(client)
    assert conn.endpoint is not None
    assert not conn.endpoint.peer_is_tracked
    scene.tracker.detached(client)
    assert client.endpoint is None
    assert not scene.wire.endpoints
