"""What keeps its boundaries: SOCK_SEQPACKET, pairs of datagram sockets, and sendmsg()."""

from __future__ import annotations

import array
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from servers import HERE, Connection, calls

from helpers import Deadlock, patience
from helpers.record.events import Event
from helpers.record.record import record

pytestmark = [pytest.mark.linux_only, pytest.mark.usefixtures("recorded")]

UNIX, PACKETS = socket.AF_UNIX, socket.SOCK_SEQPACKET


def causes(event: Event) -> list[tuple[str, bytes, str, int]]:
    """The calls that it comes from, with their data, what crossed, and how much of it."""
    named = {each.number: each for each in record.events()}
    found = [(named[each.event], each) for each in event.causes]
    return [(call.call, call.data, cause.kind, cause.size) for call, cause in found]


def with_descriptor(sock: socket.socket, data: bytes) -> int:
    with open(os.devnull, "rb") as file:
        numbers = array.array("i", [file.fileno()])
        return sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])


def test_each_receive_of_a_seqpacket_takes_one_message() -> None:
    a, b = socket.socketpair(UNIX, PACKETS)
    with b:
        with a:
            for data in (b"one", b"", b"three", b"four"):
                a.send(data)
        assert [b.recv(100), b.recv(100), b.recv(2), b.recv(9, socket.MSG_PEEK)] == [
            b"one",
            b"",
            b"th",
            b"four",
        ]
        assert [b.recv(100), b.recv(100)] == [b"four", b""]
    *messages, end = calls("recv")
    assert [causes(each) for each in messages] == [
        [("send", b"one", "datagram", 3)],
        [("send", b"", "datagram", 0)],
        [("send", b"three", "datagram", 2)],
        [("send", b"four", "datagram", 4)],
        [("send", b"four", "datagram", 4)],
    ]
    assert causes(end) == [("close", b"", "end", 0)]


def test_a_seqpacket_connects_as_a_stream_does() -> None:
    with socket.socket(UNIX, PACKETS) as listener, socket.socket(UNIX, PACKETS) as client:
        listener.bind("")
        listener.listen()
        thread = threading.Thread(target=lambda: listener.accept()[0].close())
        thread.start()
        client.connect(listener.getsockname())
        assert client.recv(1) == b""
        thread.join()
    assert [each[0] for each in causes(calls("accept")[0])] == ["connect"]
    assert [each[0] for each in causes(calls("recv")[0])] == ["close"]


def test_a_seqpacket_that_nobody_sends_to_is_a_deadlock_at_once() -> None:
    a, b = socket.socketpair(UNIX, PACKETS)
    patience(60)
    with a, b, pytest.raises(Deadlock, match="nothing is in flight"):
        a.recv(1)


def test_a_message_that_was_not_sent_is_not_received() -> None:
    a, b = socket.socketpair(UNIX, PACKETS)
    with a, b:
        a.send(b"first")
        with pytest.raises(OSError, match="Message too long"):
            a.send(bytes(10_000_000))
        a.send(b"second")
        assert [b.recv(100), b.recv(100)] == [b"first", b"second"]
    assert [causes(each)[0][1] for each in calls("recv")] == [b"first", b"second"]


def test_what_one_of_a_pair_of_datagram_sockets_sends_the_other_receives() -> None:
    a, b = socket.socketpair(UNIX, socket.SOCK_DGRAM)
    with a, b:
        a.send(b"there")
        assert b.recv(100) == b"there"
        b.send(b"and back")
        assert a.recv(3) == b"and"
    assert [causes(each) for each in calls("recv")] == [
        [("send", b"there", "datagram", 5)],
        [("send", b"and back", "datagram", 3)],
    ]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, PACKETS, socket.SOCK_DGRAM])
def test_what_comes_with_a_descriptor_has_its_cause(kind: socket.SocketKind) -> None:
    a, b = socket.socketpair(UNIX, kind)
    got: list[int] = []
    thread = threading.Thread(target=lambda: got.extend(socket.recv_fds(b, 10, 1)[1]))
    with a, b:
        thread.start()
        assert with_descriptor(a, b"take") == 4
        thread.join()
        os.close(got[0])
    (sent,) = causes(calls("recvmsg")[0])
    assert sent[:2] == ("sendmsg", b"take")
    assert calls("recvmsg")[0].clock > calls("sendmsg")[0].clock


@pytest.mark.parametrize("address", ["given", "connected"])
def test_sendmsg_sends_a_datagram(address: str) -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as here,
        socket.socket(type=socket.SOCK_DGRAM) as there,
    ):
        there.bind(HERE)
        if address == "given":
            here.sendmsg([b"da", b"ta"], [], 0, there.getsockname())
        else:
            here.connect(there.getsockname())
            here.sendmsg([b"da", b"ta"])
        assert there.recv(10) == b"data"
    assert causes(calls("recv")[0]) == [("sendmsg", b"data", "datagram", 4)]


SENDS: list[Callable[[socket.socket], object]] = [
    lambda sock: with_descriptor(sock, bytes(8_000_000)),
    lambda sock: sock.sendmsg([bytes(8_000_000)]),
]


@pytest.mark.parametrize("send", SENDS)
def test_a_message_that_nobody_reads_is_a_deadlock(send: Callable[[socket.socket], object]) -> None:
    a, b = socket.socketpair()
    with a, b:
        with pytest.raises(Deadlock, match="nothing is in flight"):
            send(a)
        sent = calls("sendmsg")[0].size
        assert 0 < sent < 8_000_000


def test_the_descriptors_of_a_message_are_sent_once() -> None:
    a, b = socket.socketpair()
    a.setblocking(False)
    with a, b:
        with suppress(BlockingIOError):
            while True:
                a.send(bytes(100_000))
        a.setblocking(True)
        thread = threading.Thread(target=with_descriptor, args=(a, bytes(300_000)))
        thread.start()
        descriptors = []
        left = sum(each.size for each in calls("send")) + 300_000
        while left:
            data, numbers, _, _ = socket.recv_fds(b, 65536, 4)
            left -= len(data)
            descriptors += numbers
        thread.join()
        assert len(descriptors) == 1
        os.close(descriptors[0])


def test_wrong_messages_are_refused_in_the_plain_words() -> None:
    plain, recorded = [], []
    wrong: list[tuple[object, ...]] = [
        (b"bytes",),
        (["text"],),
        ([b"x"], 5),
        ([b"x"], [5]),
        ([b"x"], [(1, 1)]),
        ([b"x"], [], "flags"),
        ([b"x"], [], 0, "address", 1),
        ([b"x"] * 2000,),
        (),
    ]
    a, b = socket.socketpair()
    with a, b:
        for found, sendmsg in (
            (plain, super(type(a), a).sendmsg),  # type: ignore[misc]
            (recorded, a.sendmsg),
        ):
            for arguments in wrong:
                try:
                    found.append(sendmsg(*arguments))  # type: ignore[arg-type]
                except (TypeError, ValueError, OSError) as error:
                    found.append((type(error), str(error)))
    assert recorded == plain


def test_a_count_that_is_larger_than_what_was_received_has_its_cause() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as here,
        socket.socket(type=socket.SOCK_DGRAM) as there,
    ):
        there.bind(HERE)
        here.sendto(b"0123456789", there.getsockname())
        assert there.recv_into(bytearray(4), 4, socket.MSG_TRUNC) == 10
    received = calls("recv_into")[0]
    assert (received.size, received.data, received.result) == (4, b"0123", 10)
    assert causes(received) == [("sendto", b"0123456789", "datagram", 4)]


def test_bytes_that_tcp_throws_away_are_not_shown(connection: Connection) -> None:
    client, conn = connection
    client.sendall(b"0123456789")
    assert conn.recv_into(bytearray(6), 6, socket.MSG_TRUNC) == 6
    assert conn.recv(10) == b"6789"
    thrown_away = calls("recv_into")[0]
    assert (thrown_away.size, thrown_away.data) == (6, b"")
    assert causes(thrown_away) == [("sendall", b"0123456789", "data", 6)]
