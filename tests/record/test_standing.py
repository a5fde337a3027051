"""A cell that waits for a thread, which waits for another thread outside of sockets: it is told."""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing import get_context
from typing import Any

import pytest
from servers import Connection

from helpers import Deadlock, LiveServer, patience
from helpers.record import standing, waiting
from helpers.record.record import record

TIMES = 4
"""So often the cell's patience ends before somebody goes on."""


class Ends:
    """What a thread waits for, until the test ends it."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.items: queue.Queue[int] = queue.Queue()
        self.simple: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.lock, self.again = threading.Lock(), threading.RLock()
        self.barrier = threading.Barrier(2)
        self.semaphore = threading.Semaphore(0)
        self.future: Future[int] = Future()
        self.helper = threading.Thread(target=self.event.wait)
        self.lock.acquire()
        self.again.acquire()
        self.helper.start()

    def end(self) -> None:
        self.event.set()
        self.items.put(1)
        self.simple.put(1)
        self.future.set_result(1)
        self.semaphore.release()
        self.barrier.wait(60) if self.barrier.n_waiting else self.barrier.abort()
        self.lock.release()
        self.again.release()
        self.helper.join()


WAITS: dict[str, Callable[[Ends], Any]] = {
    "event": lambda ends: ends.event.wait(),
    "queue": lambda ends: ends.items.get(),
    "barrier": lambda ends: ends.barrier.wait(),
    "semaphore": lambda ends: ends.semaphore.acquire(),
    "future": lambda ends: ends.future.result(),
}
if sys.platform == "linux":  # elsewhere nobody tells
    WAITS |= {
        "lock": lambda ends: ends.lock.acquire(),
        "reentrant lock": lambda ends: ends.again.acquire(),
        "simple queue": lambda ends: ends.simple.get(),
        "join": lambda ends: ends.helper.join(),
    }

CELLS: dict[str, Callable[[socket.socket, LiveServer], object]] = {
    "recv": lambda client, server: client.recv(1),
    "file": lambda client, server: client.makefile("rb").read(1),
    "result": lambda client, server: server.result(),
}


@pytest.fixture(autouse=True)
def short(recorded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "TRUST_KERNEL", 0.05)
    patience(0.05)


def stands(server: LiveServer) -> bool:
    standing.look_at([server.actor])
    return server.actor.stands


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("wait", WAITS)
def test_a_thread_that_waits_for_another_one_is_not_busy(
    wait: str, cell: str, connection: Connection
) -> None:
    client, conn = connection
    ends = Ends()

    def answer() -> None:
        conn.recv(1)
        WAITS[wait](ends)
        conn.sendall(b"x")

    with LiveServer(answer) as server:
        client.sendall(b"x")
        assert record.waiting.watch(lambda: stands(server), 60, 0.05)
        try:
            with pytest.raises(Deadlock, match=r"answer +waits for another thread"):
                CELLS[cell](client, server)
        finally:
            ends.end()
        assert client.recv(1) == b"x"


def by_a_thread(go_on: Callable[[], bool], give: Callable[[], None]) -> None:
    """It computes, and has made no recorded call."""

    def work() -> None:
        while not go_on():
            sum(range(1000))
        give()

    threading.Thread(target=work).start()


def by_a_timer(go_on: Callable[[], bool], give: Callable[[], None]) -> None:
    def look() -> None:
        if go_on():
            give()
        else:
            by_a_timer(go_on, give)

    threading.Timer(0.02, look).start()


def by_a_recorded_thread(go_on: Callable[[], bool], give: Callable[[], None]) -> None:
    def work() -> None:
        with socket.socket():
            while not go_on():
                sum(range(1000))
        give()

    threading.Thread(target=work).start()


def by_a_chain(go_on: Callable[[], bool], give: Callable[[], None]) -> None:
    """It waits for a third one, which is busy."""
    done = threading.Event()

    def work() -> None:
        done.wait()
        give()

    threading.Thread(target=work).start()
    by_a_thread(go_on, done.set)


def by_a_program(go_on: Callable[[], bool], give: Callable[[], None]) -> None:
    """It waits for a program that was started."""

    def work() -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            threading.Thread(target=tell, args=(child,)).start()
            child.wait()
        give()

    def tell(child: subprocess.Popen[bytes]) -> None:
        while not go_on():
            sum(range(1000))
        child.communicate(b"\n")

    threading.Thread(target=work).start()


WORK = [by_a_thread, by_a_timer, by_a_recorded_thread, by_a_chain, by_a_program]


@pytest.mark.parametrize("wait", ["event", "queue"])
@pytest.mark.parametrize("work", WORK)
def test_it_is_busy_as_long_as_another_one_may_let_it_go_on(
    work: Callable[..., None], wait: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, conn = connection
    asked: list[None] = []
    plain = record.waiting.be_patient

    def be_patient(*arguments: Any) -> float:
        asked.append(None)
        return plain(*arguments)

    monkeypatch.setattr(record.waiting, "be_patient", be_patient)
    ends = Ends()

    def give() -> None:
        ends.event.set()
        ends.items.put(1)

    def answer() -> None:
        conn.recv(1)
        work(lambda: len(asked) >= TIMES, give)
        WAITS[wait](ends)
        conn.sendall(b"x")

    before = set(threading.enumerate())
    with LiveServer(answer):
        client.sendall(b"x")
        try:
            assert client.recv(1) == b"x"
        finally:
            ends.end()
            for each in set(threading.enumerate()) - before:
                each.join()
    assert len(asked) >= TIMES


@pytest.mark.linux_only
def test_a_process_that_was_started_may_let_it_go_on() -> None:
    context = get_context("fork")
    assert not standing.somebody_else_runs(record.actors)
    given = context.Event()
    child = context.Process(target=given.wait)
    child.start()
    assert standing.somebody_else_runs(record.actors)
    given.set()
    child.join()


@pytest.mark.linux_only  # elsewhere a lock that is waited for in C is not seen
def test_who_lets_it_go_on_and_ends_right_after_the_look_was_there(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, conn = connection
    given, may_end = threading.Event(), threading.Event()
    patience(0.05)

    def gives() -> None:
        while not may_end.wait(60):
            pass
        given.set()

    giver, plain = threading.Thread(target=gives), standing.look_at

    def look_at(states: list[Any]) -> None:
        plain(states)
        if any(each.stands for each in states):
            may_end.set()
            giver.join()

    monkeypatch.setattr(standing, "look_at", look_at)

    def answer() -> None:
        conn.recv(1)
        given.wait()
        sum(range(1_000_000))  # it is late
        conn.sendall(b"x")

    giver.start()
    with LiveServer(answer):
        client.sendall(b"x")
        assert client.recv(1) == b"x"
