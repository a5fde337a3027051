"""Which thread has made a call, and when a wait begins."""

from __future__ import annotations

import socket
import threading
import time

from servers import HERE, Connection, calls

from helpers import LiveServer, patience, recording
from helpers.record.events import Actor
from helpers.record.model import ActorState
from helpers.record.record import record


def test_each_thread_has_its_own_lane(recorded: None) -> None:
    def work() -> None:
        with socket.socket() as sock:
            sock.bind(HERE)

    for name in ("first", "second"):
        thread = threading.Thread(target=work, name=name)
        thread.start()
        thread.join()
    assert [each.actor.name for each in calls("bind")] == ["first", "second"]
    assert {each.actor.kind for each in calls("bind")} == {"thread"}


def test_threads_of_one_name_have_lanes_of_their_own(recorded: None) -> None:
    both = threading.Barrier(2)

    def work() -> None:
        with socket.socket() as sock:
            both.wait()
            sock.bind(HERE)
            both.wait()

    threads = [threading.Thread(target=work, name="client") for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.actor.name for each in calls("bind")} == {"client"}
    assert len({each.actor for each in calls("bind")}) == 2


def test_a_thread_that_comes_after_another_one_of_its_name_is_the_same_to_a_reader(
    recorded: None,
) -> None:
    for _ in range(3):
        thread = threading.Thread(target=lambda: socket.socket().close(), name="client")
        thread.start()
        thread.join()
    assert len({each.actor for each in calls("close")}) == 1


def test_threads_are_ordered_by_their_numbers() -> None:
    names = ["Thread-9 (work)", "Thread-10 (work)", "Thread-10 (zoo)", "a", "a1", "a1b"]
    actors = [Actor(1000, name, "thread") for name in names]
    assert sorted(reversed(actors), key=lambda each: each.sort_key) == actors


def test_a_new_thread_is_not_taken_for_one_that_was_there_before_the_recorder() -> None:
    """A thread's number is used again after its end."""
    enough = threading.Event()
    old_ones = [threading.Thread(target=enough.wait) for _ in range(20)]
    for old in old_ones:
        old.start()
    with recording(), socket.create_server(HERE) as listener:
        address = listener.getsockname()
        enough.set()
        for old in old_ones:
            old.join()
        for _ in range(20):
            thread = threading.Thread(target=lambda: socket.create_connection(address).close())
            thread.start()
            thread.join()
        assert len(calls("connect")) == 20


def test_a_thread_that_was_there_before_the_recorder_acts_only_for_others() -> None:
    enough = threading.Event()

    def work() -> None:
        enough.wait(5)
        socket.socket().close()
        with record.actors.acting_as(ActorState(Actor(1, "somebody", "thread"))):
            socket.socket().close()
        socket.socket().close()

    old = threading.Thread(target=work)
    old.start()
    with recording() as now:
        enough.set()
        old.join()
        assert [(each.call, each.actor.name) for each in now.events] == [
            ("socket", "somebody"),
            ("close", "somebody"),
        ]


def test_a_watcher_is_told_when_a_wait_begins(recorded: None) -> None:
    enough = threading.Event()
    here, there = socket.socketpair()

    def serve() -> bytes:
        enough.wait(5)
        return here.recv(1)

    with here, there, LiveServer(serve) as server:
        timer = threading.Timer(0.1, enough.set)
        timer.start()
        began = time.monotonic()
        assert record.waiting.watch(lambda: server.actor.wait is not None, 5.0, 5.0)
        assert time.monotonic() - began < 2
        timer.join()


def test_waits_longer_than_the_system_can_count_are_possible(connection: Connection) -> None:
    client, conn = connection
    with client, conn, LiveServer(client.recv, 1) as server:
        patience(float("inf"))
        client.settimeout(10_000_000)
        conn.settimeout(10_000_000)
        server.settle()
        conn.sendall(b"x")
        assert server.result() == b"x"
