"""The record keeps the last calls, and no more than it may."""

from __future__ import annotations

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import HERE, Connection, calls, new_connection

from helpers import LiveServer, timeline
from helpers.ladder.build import ladder
from helpers.record.events import DATA_KEPT
from helpers.record.log import CALLS_KEPT
from helpers.record.record import Record, record
from helpers.record.streams import SEGMENTS_KEPT, Pipe


def test_the_record_is_bounded(recorded: None) -> None:
    rounds = 200_000 // 2
    here, there = socket.socketpair()
    with here, there:
        for _ in range(rounds):
            here.send(b"x")
            there.recv(1)
    kept = record.read()
    assert len(kept.events) <= CALLS_KEPT
    assert len(kept.events) + kept.lost == 2 * rounds + 3
    assert not record.wire.endpoints


def test_a_reader_is_told_how_much_was_forgotten_before_it_came(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.record.log.CALLS_KEPT", 20)
    monkeypatch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", 5)
    here, there = socket.socketpair()
    with here, there:
        for _ in range(8):
            here.send(b"x")
        events, cursor, lost = record.read()
        assert (len(events), lost) == (9, 0)
        for _ in range(8):
            here.send(b"x")
        assert record.read().lost == 0
        for _ in range(4):
            here.send(b"x")
        assert record.read().lost == 6
        events, cursor, lost = record.read(cursor)
        assert (len(events), lost) == (12, 0)  # what was forgotten had been read
        for _ in range(30):
            here.send(b"x")
        events, cursor, lost = record.read(cursor)
        assert len(events) + lost == 30
        assert 15 <= len(events) <= 20


def test_a_new_record_is_empty() -> None:
    new = Record()
    assert (new.events(), new.waiting_calls(), new.read()) == ((), (), ((), 0, 0))
    assert (new.log, new.main_log.read(), new.shown) == (new.main_log, ((), 0, 0), 0)
    assert new.waiting.patience == 10  # as the learner is told
    assert (new.enabled, new.loopback_only, new.short_sends) == 3 * (False,)


def test_a_reader_gets_the_calls_since_its_last_time(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        nonlocal cursor
        found, cursor, _ = record.main_log.read(cursor)
        return [each.name for each in found]

    cursor = record.main_log.read().cursor
    here, there = socket.socketpair()
    with here, there:
        assert names() == ["socketpair"]
        here.send(b"x")
        there.recv(1)
        assert names() == ["send", "recv"]
        assert names() == []
        here.send(b"x")
        record.log.clear()
        there.recv(1)
        assert names() == ["recv"]
        monkeypatch.setattr("helpers.record.log.CALLS_KEPT", 4)
        monkeypatch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", 2)
        for _ in range(4):
            here.send(b"x")
            there.recv(1)
        assert names() == ["recv", "send", "recv"]  # the others are forgotten


def test_of_what_happens_aside_only_the_others_calls_are_kept(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there, LiveServer(there.recv, 1) as server:
        server.settle()
        cursor = record.main_log.read().cursor
        with record.isolated():
            assert [each.call for each in record.events()] == ["recv"]  # it waits
            here.send(b"x")
            server.result()
            assert [each.call for each in record.events()] == ["send", "recv"]
            assert record.main_log.read(cursor) == ((), cursor, 0)
        assert [each.call for each in record.events()] == ["socketpair", "recv"]
        assert [each.name for each in record.main_log.read(cursor).calls] == ["recv"]
        assert [each.call for each in record.read(cursor).events] == ["recv"]


def test_a_timeline_inside_tells_of_the_inside_and_one_behind_it_of_the_rest(
    recorded: None,
) -> None:
    with socket.socket() as sock:
        sock.bind(HERE)
        assert [each.call for each in timeline().events] == ["socket", "bind"]
        sock.listen()
        with record.isolated():
            with socket.socket():
                pass
            assert [each.call for each in timeline().events] == ["socket", "close"]
        assert [each.call for each in timeline().events] == ["listen"]


def test_only_the_first_bytes_are_kept(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        client.sendall(bytes(range(256)))
        conn.recv(1024)
        client.sendall(bytes(range(256)))
        conn.recv_into(bytearray(1024))
        client.sendall(bytes(range(256)))
        conn.recv(256, socket.MSG_WAITALL)
    for event in calls("sendall") + calls("recv") + calls("recv_into"):
        assert event.data == bytes(range(DATA_KEPT))
        assert event.size == 256


def test_bytes_that_nobody_reads_cost_no_memory_each(connection: Connection) -> None:
    client, conn = connection
    for _ in range(2000):
        client.send(b"x")
    (endpoint,) = {each for each in record.wire.endpoints.values() if each.outgoing.sent}
    assert len(endpoint.outgoing.segments) <= SEGMENTS_KEPT
    assert conn.recv(2000, socket.MSG_WAITALL) == b"x" * 2000
    assert sum(each.size for each in calls("recv")[0].causes) == 2000


def test_a_hundred_connections_that_tls_or_a_child_took_over_are_forgotten(recorded: None) -> None:
    for _ in range(100):
        client, conn = new_connection()
        socket.close(client.detach())
        conn.close()
    assert not record.wire.endpoints


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.integers(0, 300)), max_size=400))
def test_a_pipe_counts_right_whatever_happens(steps: list[tuple[bool, int, int]]) -> None:
    """As many bytes come out as went in, from sends in their order, and none is invented."""
    pipe = Pipe()
    sent = received = 0
    last = 0
    for number, (sends, size, other) in enumerate(steps, 1):
        if sends:
            segment = pipe.put(size, number, number)
            unsent = min(size, other)
            pipe.take_back(segment, unsent)
            sent += size - unsent
        else:
            taken = pipe.take(min(size, pipe.in_flight))
            assert sum(count for *_, count in taken) == min(size, sent - received)
            received += sum(count for *_, count in taken)
            for timestamp, kind, _ in taken:
                assert timestamp is not None
                assert (kind, timestamp.event >= last) == ("data", True)
                last = timestamp.event
        assert pipe.in_flight == sent - received
        assert len(pipe.segments) <= SEGMENTS_KEPT


def test_with_a_send_its_receive_is_forgotten(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.record.log.CALLS_KEPT", 40)
    monkeypatch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", 10)
    with (
        socket.socket(type=socket.SOCK_DGRAM) as to,
        socket.socket(type=socket.SOCK_DGRAM) as sock,
    ):
        to.bind(HERE)
        for number in range(10):
            sock.sendto(b"%d" % number, to.getsockname())
        for number in range(10, 60):  # ten of them are always on their way
            sock.sendto(b"%d" % number, to.getsockname())
            to.recvfrom(10)
        events, _, lost = record.read()
        kept = {each.number for each in events}
        received = [each for each in events if each.call == "recvfrom"]
        assert all(cause.event in kept for each in received for cause in each.causes)
        assert len(events) + lost == len(record.log.read().calls) + record.log.read().lost
        assert len(events) > 20


def test_where_all_sends_are_forgotten_the_receives_are_shown(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.record.log.CALLS_KEPT", 20)
    monkeypatch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", 5)
    here, there = socket.socketpair()
    with here, there:
        for _ in range(30):
            here.send(b"x")
        for _ in range(30):
            there.recv(1)
        assert {each.call for each in record.read().events} == {"recv"}


def test_whose_connect_is_forgotten_stays_a_client(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that asks again and again stands on the left, also in a long record."""

    def serve() -> None:
        with listener.accept()[0] as conn:
            while data := conn.recv(10):
                conn.sendall(data)

    def ask() -> None:
        with socket.create_connection(listener.getsockname()) as client:
            for _ in range(40):
                client.sendall(b"x")
                client.recv(10)

    monkeypatch.setattr("helpers.record.log.CALLS_KEPT", 60)
    monkeypatch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", 10)
    thread = threading.Thread(target=ask, name="asker")
    with LiveServer(serve) as server:
        thread.start()
        thread.join()
        server.result()
    shown = timeline()
    assert not any(each.call == "connect" for each in shown.events)
    lanes = [each.title for each in ladder(shown.events).lanes]
    assert lanes.index("asker") < lanes.index("serve")
