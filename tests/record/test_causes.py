"""Every cause is an earlier event, and it is the right one."""

from __future__ import annotations

import array
import os
import socket
import struct
from typing import Any

import pytest
from servers import HERE, Connection, calls, new_connection

from helpers import Deadlock, LiveServer, patience
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.streams import Endpoint, Timestamp
from helpers.record.wire import Wire


def test_every_cause_is_earlier(recorded: None) -> None:
    def serve(listener: socket.socket) -> None:
        for _ in range(3):
            with listener.accept()[0] as conn:
                while data := conn.recv(100):
                    conn.sendall(data)

    with socket.create_server(HERE) as listener, LiveServer(serve, listener) as server:
        for _ in range(3):
            with socket.create_connection(server.address) as client:
                for _ in range(5):
                    client.sendall(b"x")
                    client.recv(1)
        server.result()
    events = record.events()
    clocks = {each.number: each.clock for each in events}
    kinds = [
        (cause.kind, each.clock > clocks[cause.event]) for each in events for cause in each.causes
    ]
    assert {kind for kind, _ in kinds} == {"listen", "connect", "data", "end"}
    assert all(later for _, later in kinds)
    for actor in {each.actor for each in events}:
        own = [each.clock for each in events if each.actor == actor]
        assert own == sorted(set(own))


def test_two_sends_and_one_recv(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(b"abc")
        client.sendall(b"de")
        assert conn.recv(100) == b"abcde"
    first, second = calls("sendall")
    (recv,) = calls("recv")
    assert [(each.event, each.kind, each.size) for each in recv.causes] == [
        (first.number, "data", 3),
        (second.number, "data", 2),
    ]


@pytest.mark.posix_only  # Windows takes all
def test_what_the_system_did_not_take_is_no_cause(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.setblocking(False)
        sent = client.send(bytes(20_000_000))
        assert 100 < sent < 20_000_000
        conn.recv(100)
        conn.recv(sent - 100, socket.MSG_WAITALL)
        patience(1)
        with pytest.raises(Deadlock, match="nothing is in flight"):
            conn.recv(1)
    (send,) = calls("send")
    first, rest, last = calls("recv")
    assert [(each.event, each.size) for each in first.causes] == [(send.number, 100)]
    assert sum(each.size for each in rest.causes) == sent - 100
    assert last.causes == ()


def test_the_data_of_an_event_are_bytes(connection: Connection) -> None:
    client, conn = connection
    numbers = array.array("i", range(3))
    with client, conn:
        for data in (bytearray(b"abc"), memoryview(b"abc"), numbers, b"abc"):
            client.sendall(data)
            conn.recv_into(bytearray(100))
    for event, data in zip(calls("sendall"), 2 * [b"abc"] + [bytes(numbers), b"abc"], strict=True):
        assert type(event.data) is bytes
        assert event.data == data
    assert {type(event.data) for event in calls("recv_into")} == {bytes}


def test_a_recv_that_waits_for_all_has_the_bytes_of_each_send(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there, LiveServer(here.recv, 4, socket.MSG_WAITALL) as server:
        for data in (b"ab", b"cd"):
            there.sendall(data)
            server.settle()
        assert server.result() == b"abcd"
    (recv,) = calls("recv")
    assert (recv.data, recv.size, [each.size for each in recv.causes]) == (b"abcd", 4, [2, 2])


def test_one_send_and_many_recvs(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(b"abcde")
        for _ in range(3):
            conn.recv(2)
    (sendall,) = calls("sendall")
    assert [[(each.event, each.size) for each in recv.causes] for recv in calls("recv")] == [
        [(sendall.number, 2)],
        [(sendall.number, 2)],
        [(sendall.number, 1)],
    ]


def test_the_end_and_the_reset_have_their_cause(recorded: None) -> None:
    client, conn = new_connection()
    with conn:
        client.close()
        assert conn.recv(1) == b""
    client, conn = new_connection()
    with conn:
        conn.sendall(b"unread")
        client.close()
        with pytest.raises(ConnectionResetError):
            conn.recv(1)
    ended, reset = calls("recv")
    closes = {each.number for each in calls("close") if each.name == "client"}
    assert [each.kind for each in ended.causes] == ["end"]
    assert [each.kind for each in reset.causes] == ["reset"]
    assert {cause.event for each in (ended, reset) for cause in each.causes} == closes


@pytest.mark.posix_only  # on Windows it is an error
def test_who_shuts_his_own_side_reads_the_end_of_it(connection: Connection) -> None:
    patience(1)
    client, conn = connection
    with client, conn:
        conn.shutdown(socket.SHUT_RD)
        assert conn.recv(1) == b""
        with pytest.raises(Deadlock, match="nothing is in flight"):
            client.recv(1)  # the other direction goes on
        client.shutdown(socket.SHUT_WR)
        client.shutdown(socket.SHUT_RDWR)
        assert client.recv(1) == b""
    shutdowns = [each.number for each in calls("shutdown")]
    assert [[(each.kind, each.event) for each in recv.causes] for recv in calls("recv")] == [
        [("end", shutdowns[0])],
        [],
        [("end", shutdowns[2])],
    ]


def test_a_datagram_has_its_cause(recorded: None) -> None:
    before = set(record.wire.datagrams.by_address)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        sender.sendto(b"question", datagram_queue.getsockname())
        _, address = datagram_queue.recvfrom(100)
        datagram_queue.sendto(b"", address)
        assert sender.recvfrom(100)[0] == b""
        sender.connect(datagram_queue.getsockname())
        sender.send(b"again")
        datagram_queue.recv(100)
    question, answer = calls("sendto")
    (again,) = calls("send")
    assert [each.causes[0].event for each in calls("recvfrom")] == [question.number, answer.number]
    assert [each.causes[0].event for each in calls("recv")] == [again.number]
    assert set(record.wire.datagrams.by_address) == before


@pytest.mark.parametrize("wrong", ["text", 70_000])
def test_a_datagram_that_was_not_sent_is_no_cause(recorded: None, wrong: Any) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        data = bytes(wrong) if isinstance(wrong, int) else wrong
        with pytest.raises((OSError, TypeError)):
            sender.sendto(data, datagram_queue.getsockname())
        assert not info_of(datagram_queue).datagram_queue  # type: ignore[union-attr]
        sender.sendto(b"", datagram_queue.getsockname())
        datagram_queue.recv(10)
    assert calls("recv")[0].causes[0].event == calls("sendto")[1].number


class Four:
    """Not an int, and as good as one."""

    def __index__(self) -> int:
        return 4


@pytest.mark.posix_only  # Windows raises an error for what is cut off
def test_a_datagram_of_which_only_a_part_was_taken_has_its_cause(recorded: None) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        for read in (
            lambda: datagram_queue.recv(4),
            lambda: datagram_queue.recvfrom_into(bytearray(4)),
            lambda: datagram_queue.recvmsg(4),
            lambda: datagram_queue.recvmsg_into([bytearray(2), bytearray(2)]),
            lambda: datagram_queue.recvmsg_into(bytearray(2) for _ in range(2)),
            lambda: datagram_queue.recvmsg(Four()),  # type: ignore[arg-type]
        ):
            sender.sendto(b"hello world", datagram_queue.getsockname())
            read()
            assert not info_of(datagram_queue).datagram_queue  # type: ignore[union-attr]
    sends = [each.number for each in calls("sendto")]
    reads = [each for each in record.events() if each.call.startswith("recv")]
    assert [each.causes[0].event for each in reads] == sends


def test_a_duplicate_keeps_the_datagrams(recorded: None) -> None:
    before = set(record.wire.datagrams.by_address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        datagram_queue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagram_queue.bind(HERE)
        with datagram_queue.dup() as copy:
            datagram_queue.close()
            sender.sendto(b"x", copy.getsockname())
            copy.recv(1)
            assert calls("recv")[0].causes[0].event == calls("sendto")[0].number
            os.close(copy.detach()) if os.name == "posix" else copy.close()
    assert set(record.wire.datagrams.by_address) == before


def test_a_close_after_a_fork_is_no_reset_because_of_what_the_child_has_read() -> None:
    wire = Wire()
    here, there = Endpoint.pair()
    here.handles = there.handles = 1
    there.outgoing.put(5, 1, 1)
    here.tracked = False
    wire.release(here, Timestamp(2, 2), abort=False)
    assert there.incoming.end_kind == "end"


@pytest.mark.posix_only  # Windows has no sendmsg
def test_what_sendmsg_sends_is_the_cause_of_what_is_received(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendmsg([b"hel", b"lo"])
        assert there.recv(10) == b"hello"
        patience(1)
        with pytest.raises(Deadlock, match="nothing is in flight"):
            here.sendmsg([bytes(10_000_000)])
    assert calls("recv")[0].causes[0].event == calls("sendmsg")[0].number


def test_an_aborted_connection_is_a_reset(connection: Connection) -> None:
    client, conn = connection
    with conn:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        with pytest.raises(ConnectionResetError):
            conn.recv(1)
    assert [each.kind for each in calls("recv")[0].causes] == ["reset"]
