"""Where a call stands in the ladder, and what crosses beside it: real sockets, real threads."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable

import pytest
from servers import HERE, PLAIN, Connection, calls

from helpers import LiveServer, timeline
from helpers.ladder.build import ladder
from helpers.record.datagrams import Datagram
from helpers.record.events import Event
from helpers.record.record import record
from helpers.record.waiting import TRUST_KERNEL


def arrows() -> list[tuple[str, str, str]]:
    """The call of each row that has an arrow, what crossed, and how it is drawn."""
    return [
        (row.calls[0].event.call, row.arrow.label, row.arrow.drawn)
        for row in ladder(record.events()).rows
        if row.arrow is not None
    ]


# --- MSG_PEEK -----------------------------------------------------------------------------------

PEEKS: dict[str, Callable[[socket.socket], object]] = {
    "recv": lambda sock: sock.recv(2, socket.MSG_PEEK),
    "recv_into": lambda sock: sock.recv_into(bytearray(2), 2, socket.MSG_PEEK),
    "recvfrom": lambda sock: sock.recvfrom(2, socket.MSG_PEEK),
    "recvfrom_into": lambda sock: sock.recvfrom_into(bytearray(2), 0, socket.MSG_PEEK),
    "recvmsg": lambda sock: sock.recvmsg(2, 0, socket.MSG_PEEK),
}


@pytest.mark.posix_only
@pytest.mark.parametrize("name", PEEKS)
def test_a_peek_follows_the_send_that_it_sees(name: str, connection: Connection) -> None:
    client, conn = connection
    with client, conn, LiveServer(PEEKS[name], conn) as server:
        client.sendall(b"a")
        client.sendall(b"bcd")
        server.result()
        assert conn.recv(9) == b"abcd"
        client.shutdown(socket.SHUT_WR)
        PEEKS[name](conn)  # the end, which stays there as well
        assert conn.recv(9) == b""
    one, two = calls("sendall")
    peek, at_end = [each for each in calls(name) if "MSG_PEEK" in repr(each.arguments)]
    seen = [(each.event, each.size) for each in peek.causes]
    assert seen in ([(one.number, 1)], [(one.number, 1), (two.number, 1)])
    assert peek.clock > one.clock
    assert [each.kind for each in at_end.causes] == ["end"]
    recv = next(each for each in calls("recv") if each.data == b"abcd")
    assert [(each.event, each.size) for each in recv.causes] == [(one.number, 1), (two.number, 3)]


@pytest.mark.posix_only
def test_after_a_peek_a_receive_has_not_waited(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(b"abc")
        assert conn.recv(2, socket.MSG_PEEK) == b"ab"
        assert conn.recv(9) == b"abc"
    assert [each.waited for each in calls("recv")][-1] is False
    assert ("recv", "2 of 3 bytes", "arriving") in arrows()


@pytest.mark.posix_only
def test_a_peek_at_a_datagram_leaves_it_there(recorded: None) -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as here,
        socket.socket(type=socket.SOCK_DGRAM) as there,
    ):
        there.bind(HERE)
        here.sendto(b"abc", there.getsockname())
        there.recvfrom(9, socket.MSG_PEEK)
        there.recvfrom(9)
    (sent,) = calls("sendto")
    assert [each.causes[0].event for each in calls("recvfrom")] == 2 * [sent.number]


@pytest.mark.linux_only
def test_an_urgent_byte_comes_from_the_send_that_made_it_urgent(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(b"ab")
        client.sendall(b"!", socket.MSG_OOB)
        client.sendall(b"cd")
        assert conn.recv(1, socket.MSG_OOB) == b"!"
        assert conn.recv(2) + conn.recv(9) == b"abcd"
    first, urgent, last = [each.number for each in calls("sendall")]
    assert [[(each.event, each.size) for each in recv.causes] for recv in calls("recv")] == [
        [(urgent, 1)],
        [(first, 2)],
        [(last, 2)],
    ]


# --- a wait that ends without an answer ---------------------------------------------------------


def exchange(sock: socket.socket) -> None:
    """Something that others do meanwhile."""
    sock.sendall(b"x")
    sock.recv(1)


def echo_one(conn: socket.socket) -> None:
    while data := conn.recv(9):
        conn.sendall(data)


def last_of(events: tuple[Event, ...], data: bytes) -> int:
    return max(n for n, each in enumerate(events) if each.data == data)


@pytest.mark.parametrize("how", ["timeout", "deadlock", "stop"])
def test_a_call_that_is_ended_stands_where_it_ended(how: str, recorded: None) -> None:
    first, other = socket.socketpair()
    here, there = socket.socketpair()
    with first, other, here, there, LiveServer(echo_one, there) as server:

        def wait() -> None:
            if how == "timeout":
                first.settimeout(0.2)
            with pytest.raises(TimeoutError):
                first.recv(1)

        if how == "deadlock":
            exchange(here)
            wait()
        else:
            waits = LiveServer(wait).start()
            waits.settle()
            exchange(here)
            if how == "stop":
                waits.stop()
            else:
                waits.result()
        exchange(here)
        server.settle()
    events = record.events()
    (place,) = [
        n
        for n, each in enumerate(events)
        if each.call == "recv" and each.outcome == "failed" and each.socket == events[0].socket
    ]
    told = [n for n, each in enumerate(events) if each.data == b"x" and each.call == "sendall"]
    assert told[1] < place < told[2]
    if how != "deadlock":  # there nothing happened beside it
        assert events[place].waited
        rows = [each for each in ladder(events).rows if each.calls]
        rows = [each for each in ladder(events).rows if each.calls]
        (row,) = [each for each in rows if each.calls[0].event is events[place]]
        lane = row.calls[0].lane
        assert sum(lane in each.waiting for each in ladder(events).rows) >= 2


def test_connect_ex_that_runs_out_of_time_too(recorded: None) -> None:
    """The queue of a listener is full: nobody answers."""
    with PLAIN() as full:
        full.bind(HERE)
        full.listen(0)
        clients = [PLAIN() for _ in range(3)]
        for each in clients:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        here, there = socket.socketpair()
        with here, there, socket.socket() as client, LiveServer(echo_one, there) as server:
            client.settimeout(0.2)
            waits = LiveServer(client.connect_ex, full.getsockname()).start()
            exchange(here)
            code = waits.result()
            server.settle()
        for each in clients:
            each.close()
    (event,) = calls("connect_ex")
    if code in (errno.EWOULDBLOCK, errno.EAGAIN):  # else this system has a larger queue
        events = record.events()
        assert last_of(events, b"x") < events.index(event)
        assert event.waited


# --- datagrams ----------------------------------------------------------------------------------


def test_connect_of_a_datagram_socket_sends_nothing(recorded: None) -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as here,
        socket.socket(type=socket.SOCK_DGRAM) as there,
    ):
        there.bind(HERE)
        here.connect(there.getsockname())
        here.send(b"abc")
        assert there.recv(9) == b"abc"
    assert arrows() == [("send", "datagram 3 bytes", "whole")]


def receiver(group: str, port: int) -> socket.socket:
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", port))
    member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton("127.0.0.1"))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    sock.settimeout(2)
    return sock


def not_taken() -> list[Datagram]:
    """All datagrams that wait for a receive: another test may have sent some to nobody."""
    queues = record.wire.datagrams.by_address.values()
    return [datagram for found in queues for queue in found for datagram in queue]


@pytest.mark.linux_only
def test_a_datagram_to_a_group_arrives_at_each_receiver(recorded: None) -> None:
    group, before = "224.1.1.1", not_taken()
    with receiver(group, 0) as first:
        port = first.getsockname()[1]
        with receiver(group, port) as second, socket.socket(type=socket.SOCK_DGRAM) as sender:
            loopback = socket.inet_aton("127.0.0.1")
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
            for _ in range(2):
                sender.sendto(b"all", (group, port))
                assert (first.recv(9), second.recv(9)) == (b"all", b"all")
            sender.sendto(b"one", ("127.0.0.1", port))  # to one of them: the system chooses
            first.settimeout(0.05)
            try:
                first.recv(9)
            except TimeoutError:
                second.recv(9)
            assert not_taken() == before
    sent = [each.number for each in calls("sendto")]
    received = [each for each in calls("recv") if each.outcome == "done"]
    causes = [cause.event for each in received for cause in each.causes]
    assert causes == [sent[0], sent[0], sent[1], sent[1], sent[2]]


# --- several listeners at one address -----------------------------------------------------------


@pytest.mark.linux_only
def test_who_of_two_listeners_accepted_has_the_arrow(recorded: None) -> None:
    def work(name: bytes, port: int) -> None:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen()
            while True:
                conn, _ = listener.accept()
                with conn:
                    conn.sendall(name + conn.recv(9))

    times = []
    clients = 40  # the system chooses for each: never the same one so often
    with PLAIN() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        free.bind(HERE)
        port = free.getsockname()[1]
        with LiveServer(work, b"1", port) as one:
            address = one.address
            with LiveServer(work, b"2", port) as two:
                assert two.address == address
                free.close()
                for number in range(clients):
                    with socket.create_connection(address) as client:
                        client.sendall(b"%d" % number)
                        client.recv(9)
                states = {one.settle().where.state, two.settle().where.state}
                assert states == {"waiting"}
                for _ in range(3):  # the machine may be busy
                    began = time.monotonic()
                    assert {one.where.state, two.where.state} == states
                    times.append(time.monotonic() - began)
    assert min(times) < TRUST_KERNEL  # not so long for each of them
    events = record.events()
    by_number = {each.number: n for n, each in enumerate(events)}
    assert all(by_number[c.event] < by_number[e.number] for e in events for c in e.causes)
    peers = {each.number: each.local for each in calls("connect")}
    accepted = [each for each in calls("accept") if each.outcome == "done"]
    assert len(accepted) == clients
    assert all(peers[each.causes[0].event] == each.result for each in accepted)
    assert len({each.actor for each in accepted}) == 2
    assert timeline().text()
