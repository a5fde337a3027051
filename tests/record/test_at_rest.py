"""A view answers at once, whatever threads do by themselves. It waits for what is in flight."""

from __future__ import annotations

import os
import queue
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

import pytest
from load import busy_cores
from servers import Connection

from helpers import LiveServer, timeline
from helpers.record.at_rest import GOES_ON, STANDS, Onlooker
from helpers.record.events import Actor
from helpers.record.model import ActorState, Wait
from helpers.record.record import record

pytestmark = pytest.mark.usefixtures("recorded")

AT_MOST = 0.5
"""Seconds for a view on a machine that is busy with other tests. It was 2; alone it takes 0.1."""


class Ends:
    """What a thread waits for, until the test ends."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.items: queue.Queue[int] = queue.Queue()
        self.simple: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.lock.acquire()
        self.barrier = threading.Barrier(2)
        self.condition = threading.Condition()
        self.future: Future[int] = Future()
        self.over = False

    def end(self) -> None:
        self.over = True
        self.event.set()
        self.items.put(1)
        self.simple.put(1)
        self.lock.release()
        self.future.set_result(1)
        self.barrier.abort()
        with self.condition:
            self.condition.notify_all()


def waits_for_a_condition(ends: Ends) -> None:
    with ends.condition:
        ends.condition.wait_for(lambda: ends.over)


def meets(ends: Ends) -> None:
    with suppress(threading.BrokenBarrierError):
        ends.barrier.wait()


def computes(ends: Ends) -> None:
    while not ends.over:
        sum(range(1000))


def naps(ends: Ends) -> None:
    while not ends.over:
        time.sleep(0.02)


def naps_shortly(ends: Ends) -> None:
    while not ends.over:
        time.sleep(0.003)


def asks_an_event(ends: Ends) -> None:
    while not ends.event.wait(0.002):
        pass


def asks_a_queue(ends: Ends) -> None:
    while not ends.over:
        with suppress(queue.Empty):
            ends.items.get(timeout=0.004)


def selects_nothing(ends: Ends) -> None:
    while not ends.over:
        select.select([], [], [], 0.005)


def beats(ends: Ends) -> None:
    """It looks for an answer, and says that it is there, again and again."""
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.004)
        while not ends.over:
            here.send(b"here")
            with suppress(TimeoutError):
                here.recv(1)


def ticks(ends: Ends) -> None:
    """It sends by itself, again and again, to nobody who reads."""
    here, there = socket.socketpair()
    with here, there:
        while not ends.over:
            here.send(b"tick")
            time.sleep(0.03)


def polls(ends: Ends) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        while not ends.over:
            try:
                here.recv(1)
            except BlockingIOError:
                time.sleep(0.005)


def spins(ends: Ends) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        while not ends.over:
            with suppress(BlockingIOError):
                here.recv(1)


def waits_for_a_program(ends: Ends) -> None:
    program = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE) as child:
        threading.Thread(target=lambda: (ends.event.wait(), child.stdin.close())).start()  # type: ignore[union-attr]
        child.wait()


IDLE: dict[str, Callable[[Ends], object]] = {
    "event": lambda ends: ends.event.wait(),
    "event with a limit": lambda ends: ends.event.wait(60),
    "queue": lambda ends: ends.items.get(),
    "simple queue": lambda ends: ends.simple.get(),
    "lock": lambda ends: ends.lock.acquire(),
    "barrier": meets,
    "condition": waits_for_a_condition,
    "future": lambda ends: ends.future.result(),
    "sleep": naps,
    "short sleep": naps_shortly,
    "event, often": asks_an_event,
    "queue, often": asks_a_queue,
    "select, often": selects_nothing,
    "heartbeat": beats,
    "computing": computes,
    "ticker": ticks,
    "poller": polls,
    "spinner": spins,
    "program": waits_for_a_program,
}


@pytest.mark.linux_only
@pytest.mark.parametrize("kind", IDLE)
def test_a_view_does_not_wait_for_a_thread_that_idles_or_computes(
    kind: str, connection: Connection
) -> None:
    client, conn = connection
    ends = Ends()
    begun = threading.Event()

    def serve() -> None:
        conn.sendall(b"x")
        begun.set()
        IDLE[kind](ends)

    try:
        with LiveServer(serve) as server:
            client.recv(1)
            begun.wait()
            for view in (lambda: server.where, timeline):
                times = []
                for _ in range(3):
                    began = time.monotonic()
                    view()
                    times.append(time.monotonic() - began)
                assert min(times) < AT_MOST
            ends.end()
    finally:
        if not ends.over:
            ends.end()


@pytest.mark.linux_only
def test_many_threads_that_idle_take_no_longer_than_one(recorded: None) -> None:
    ends = Ends()
    all_are_there = threading.Barrier(9)

    def work() -> None:
        socket.socket().close()
        all_are_there.wait()
        ends.event.wait()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    all_are_there.wait()
    times = []
    for _ in range(3):
        began = time.monotonic()
        timeline()
        times.append(time.monotonic() - began)
    ends.end()
    for thread in threads:
        thread.join()
    assert min(times) < AT_MOST


@pytest.mark.linux_only
def test_what_a_server_does_with_what_came_is_seen_whole_on_busy_cores(
    connection: Connection,
) -> None:
    """Its thread gets the processor late. It is not at rest before it waits again."""
    client, conn = connection

    def serve() -> None:
        while data := conn.recv(100):
            for _ in range(10):
                conn.sendall(data)

    with busy_cores(), LiveServer(serve) as server:
        for _ in range(50):
            client.sendall(b"x")
            calls = [each.call for each in timeline().events if each.actor.kind == "server"]
            assert calls.count("sendall") == 10
        client.shutdown(socket.SHUT_WR)
        server.result(5)


@pytest.mark.linux_only
def test_a_thread_that_was_just_started_is_seen_on_busy_cores(recorded: None) -> None:
    """A server has accepted, and the thread of its client has not had the processor yet."""

    def serve(conn: socket.socket) -> None:
        # It runs when nobody else wants to: as on a machine that has much to do.
        os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
        with conn:
            while data := conn.recv(100):
                conn.sendall(data)

    def accept_all(listener: socket.socket) -> None:
        while True:
            conn, _ = listener.accept()
            threading.Thread(target=serve, args=(conn,), name="of a client").start()

    with socket.create_server(("127.0.0.1", 0)) as listener, busy_cores():
        server = LiveServer(accept_all, listener).start()
        for _ in range(20):
            with socket.create_connection(server.address):
                timeline()  # what was before
                server.settle()
                waiting = [
                    each.actor.name
                    for each in timeline(all=True).events
                    if each.outcome == "waiting"
                ]
                assert "of a client" in waiting
        server.stop()


def test_a_thread_that_has_not_begun_or_has_ended_is_not_at_rest() -> None:
    state = ActorState(Actor(1, "late", "thread"))
    onlooker = Onlooker()
    assert not any(onlooker.is_at_rest(state) for _ in range(3))
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    state.ident, state.native = thread.ident, thread.native_id
    if sys.platform == "linux":
        assert not any(onlooker.is_at_rest(state) for _ in range(3))


# Threads that go on and on


def floods(here: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        here.sendall(bytes(1000))
    here.close()


def asks(here: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        here.sendall(b"x")
        here.recv(1)
    here.close()


def drinks(there: socket.socket) -> None:
    while there.recv(65536):
        pass


def echoes(there: socket.socket) -> None:
    while data := there.recv(100):
        there.sendall(data)


@pytest.mark.linux_only  # elsewhere nobody tells how long a thread has run
@pytest.mark.parametrize(("active", "passive"), [(floods, drinks), (asks, echoes)])
def test_an_exchange_without_end_is_not_waited_for(
    active: Callable[[socket.socket, threading.Event], None],
    passive: Callable[[socket.socket], None],
) -> None:
    """It is looked at in the middle of it; the measure is what it runs meanwhile, and no clock."""
    here, there = socket.socketpair()
    over = threading.Event()
    thread = threading.Thread(target=active, args=(here, over))
    with there, LiveServer(passive, there) as server:
        thread.start()
        try:
            assert record.waiting.watch(lambda: server.actor.clock > 500, 60, 0.01)
            began = time.process_time()
            others = record.actors.active - {record.actors.state()}
            assert record.waiting.settle(list(others), 60, look=True)
            assert time.process_time() - began < 10 * GOES_ON
        finally:
            over.set()
            thread.join()
        server.result(60)


@pytest.mark.linux_only
def test_who_is_late_in_a_wait_that_is_over_is_not_at_rest() -> None:
    here, there = socket.socketpair()
    state = ActorState(Actor(1, "late", "thread"))
    state.ident, state.native = threading.get_ident(), threading.get_native_id()
    onlooker = Onlooker()
    with here, there:
        there.sendall(b"x")
        state.wait = Wait(None, here.fileno(), False, False)
        assert not onlooker.is_at_rest(state)
        until = time.monotonic() + 2 * STANDS
        while time.monotonic() < until:
            assert not onlooker.is_at_rest(state)
            threading.Event().wait(STANDS / 4)


@pytest.mark.linux_only
def test_who_was_seen_to_run_only_once_does_not_compute(connection: Connection) -> None:
    """As in a garbage collection, nobody else runs Python meanwhile."""
    client, conn = connection
    took = 0.0

    def serve() -> None:
        nonlocal took
        while conn.recv(1):
            began = time.thread_time()
            sum(range(10_000_000))
            took = time.thread_time() - began

    with LiveServer(serve) as server:
        client.sendall(b"x")
        assert server.where.reason.startswith("waiting in recv()")
    assert took > GOES_ON
