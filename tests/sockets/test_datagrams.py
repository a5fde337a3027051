"""From which send a datagram comes, where several have the same text: its own, or none is named."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest
from servers import HERE, calls

from helpers import timeline
from helpers.record.record import record
from helpers.sockets.attempts import PLAIN

pytestmark = pytest.mark.usefixtures("recorded")

TEXT = b"same"


def read_message(sock: socket.socket) -> bytes:
    data: bytes = sock.recvmsg(10)[0]
    return data


def read_into(sock: socket.socket) -> bytes:
    room = bytearray(10)
    count, _ = sock.recvfrom_into(room)
    return bytes(room[:count])


READS: dict[str, Callable[[socket.socket], bytes]] = {
    "recvfrom": lambda sock: sock.recvfrom(10)[0],
    "recv": lambda sock: sock.recv(10),
    "recv_into": lambda sock: bytes(sock.recv_into(bytearray(10))) and TEXT,
    "recvfrom_into": read_into,
}
if hasattr(socket.socket, "recvmsg"):
    READS["recvmsg"] = read_message


class Scene:
    """A receiver, and two senders."""

    def __init__(self, stack: ExitStack) -> None:
        def made() -> socket.socket:
            return stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))

        self.receiver, self.first, self.second = made(), made(), made()
        self.receiver.bind(HERE)
        self.address = self.receiver.getsockname()

    def fill(self) -> int:
        """Send until some are lost. How many have arrived: the last receive finds none."""
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least there is
        for _ in range(50):
            self.first.sendto(TEXT, self.address)
        count = 0
        self.receiver.setblocking(False)
        try:
            while True:
                self.receiver.recv(10)
                count += 1
        except BlockingIOError:
            assert count < 50
        self.receiver.setblocking(True)
        return count


@pytest.fixture
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack)


def causes_of_last(name: str) -> list[int]:
    return [cause.event for cause in calls(name)[-1].causes]


@pytest.mark.linux_only
@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("again", ["first", "second"])
def test_it_comes_from_no_earlier_one_that_was_lost(scene: Scene, read: str, again: str) -> None:
    scene.fill()
    getattr(scene, again).sendto(TEXT, scene.address)
    assert READS[read](scene.receiver) == TEXT
    assert causes_of_last(read) == [calls("sendto")[-1].number]


@pytest.mark.linux_only
def test_a_drop_is_known_at_once(scene: Scene) -> None:
    """No receive has found the queue empty in between."""
    arrived = scene.fill()
    for _ in range(arrived + 5):
        scene.first.sendto(TEXT, scene.address)
    for _ in range(arrived):
        scene.receiver.recv(10)
    scene.second.sendto(TEXT, scene.address)
    scene.receiver.recv(10)
    assert causes_of_last("recv") == [calls("sendto")[-1].number]


@pytest.mark.linux_only
def test_a_look_names_the_one_that_the_next_receive_gets(scene: Scene) -> None:
    scene.fill()
    scene.second.sendto(TEXT, scene.address)
    scene.receiver.recvfrom(2, socket.MSG_PEEK)
    assert causes_of_last("recvfrom") == [calls("sendto")[-1].number]
    scene.receiver.recvfrom(10)
    assert causes_of_last("recvfrom") == [calls("sendto")[-1].number]


def test_of_two_senders_the_source_tells(scene: Scene) -> None:
    """The order in which they were noted is not always that in which the system got them."""
    go_on: queue.SimpleQueue[int] = queue.SimpleQueue()

    def send() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            for _ in range(25):
                sender.sendto(TEXT, scene.address)
                go_on.get()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        scene.receiver.recvfrom(10)
        go_on.put(1)
    for thread in threads:
        thread.join()
    sent = {each.number: each.socket for each in calls("sendto")}
    sources: dict[int, set[int]] = {}
    for each in calls("recvfrom"):
        (cause,) = each.causes
        sources.setdefault(each.result[1], set()).add(sent[cause.event])
    assert all(len(sockets) == 1 for sockets in sources.values())


def test_the_source_tells_also_before_the_sender_has_noted_its_address(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system gives a socket its address with the first send, and delivers at the same time."""
    monkeypatch.setattr(record.posting, "posted", lambda *rest: None)
    scene.first.sendto(TEXT, scene.address)
    assert PLAIN.recv(scene.receiver, 10) == TEXT  # past the account: it could still be there
    scene.second.sendto(TEXT, scene.address)
    scene.receiver.recvfrom(10)
    assert causes_of_last("recvfrom") == [calls("sendto")[-1].number]


def test_who_is_connected_gets_nothing_of_others(scene: Scene) -> None:
    scene.second.bind(HERE)
    scene.receiver.connect(scene.second.getsockname())
    with suppress(ConnectionRefusedError):  # some systems tell the sender
        scene.first.sendto(TEXT, scene.address)
    scene.second.sendto(TEXT, scene.address)
    scene.receiver.recv(10)
    assert causes_of_last("recv") == [calls("sendto")[-1].number]


def test_what_a_stranger_sends_to_who_is_connected_is_not_waited_for(scene: Scene) -> None:
    """By the account nothing is in flight, so a wait is judged without patience for the system."""
    scene.second.bind(HERE)
    scene.receiver.connect(scene.second.getsockname())
    queue = record.wire.datagrams.queues_at(scene.address)[0]
    with suppress(ConnectionRefusedError):  # some systems tell the sender
        scene.first.sendto(TEXT, scene.address)
    assert not queue
    scene.second.sendto(TEXT, scene.address)
    assert len(queue) == 1


@pytest.mark.linux_only
def test_a_lost_one_says_so_in_the_ladder_and_one_that_was_cut_too(scene: Scene) -> None:
    scene.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least there is
    for letter in (b"a", b"b"):
        scene.first.sendto(letter * 10_000, scene.address)
    assert [each.lost for each in calls("sendto")] == [False, True]
    scene.receiver.recv(3)
    text = " ".join(str(timeline()).split())
    assert text.count(" lost: no room") == 1
    assert text.count("── lost ──") == 1
    assert "cut: 3 of 10,000" in text


def test_one_that_comes_late_is_known_all_the_same(scene: Scene) -> None:
    """On a busy machine the system may deliver it after a receive has found nothing."""
    scene.first.sendto(TEXT, scene.address)
    queue = record.wire.datagrams.queues_at(scene.address)[0]
    (datagram,) = queue
    queue.lose(datagram)
    assert not queue
    scene.receiver.recv(10)
    assert causes_of_last("recv") == [calls("sendto")[-1].number]
    assert not queue.lost


@pytest.mark.linux_only
def test_a_datagram_to_all_hosts_of_a_network_arrives_at_each_receiver() -> None:
    with ExitStack() as stack:
        receivers, port = [], 0
        for _ in range(2):
            sock = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sock.bind(("", port))
            port = sock.getsockname()[1]
            receivers.append(sock)
        sender = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.sendto(TEXT, ("127.255.255.255", port))
        assert [each.recv(9) for each in receivers] == [TEXT, TEXT]
    assert [len(each.causes) for each in calls("recv")] == [1, 1]
