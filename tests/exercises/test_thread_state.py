"""Which thread is idle, and which will go on by itself."""

from __future__ import annotations

import gc
import itertools
import queue
import socket
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from judged import NAMES, get, solution

from helpers import recording
from helpers.exercises.folder import load
from helpers.exercises.thread_state import WAITING, ThreadState, _in_frame, thread_state
from helpers.live.run import Run


class BeginsLate(threading.Thread):
    """A thread that the system lets run only when it is told so."""

    def __init__(self) -> None:
        super().__init__(target=int)
        self.is_made = threading.Event()
        self.may_begin = threading.Event()

    def _bootstrap(self) -> None:
        self.is_made.set()
        self.may_begin.wait()
        super()._bootstrap()  # type: ignore[misc]


def test_who_starts_a_thread_is_not_idle_however_long_that_takes() -> None:
    late = BeginsLate()
    starter = threading.Thread(target=late.start)
    starter.start()
    late.is_made.wait()
    assert thread_state(starter.ident) is ThreadState.RUNS
    late.may_begin.set()
    starter.join()
    late.join()


def test_who_has_been_woken_runs_however_late_the_system_lets_it_go_on() -> None:
    turn = threading.Condition()

    def wait() -> None:
        with turn:
            turn.wait()

    waiter = threading.Thread(target=wait)
    waiter.start()
    while thread_state(waiter.ident) is not ThreadState.WAITS:
        pass
    with turn:
        turn.notify()
        assert thread_state(waiter.ident) is ThreadState.RUNS  # it cannot go on: the lock is taken
    waiter.join()


def test_who_waits_with_a_limit_goes_on_by_himself() -> None:
    enough = threading.Event()
    waiter = threading.Thread(target=enough.wait, args=(60,))
    waiter.start()
    while thread_state(waiter.ident) is not ThreadState.WAITS_A_WHILE:
        pass
    enough.set()
    waiter.join()
    assert thread_state(waiter.ident) is ThreadState.WAITS_A_WHILE  # it is over
    assert thread_state(None) is ThreadState.RUNS  # it has not begun


def test_a_worker_of_a_pool_waits_for_work() -> None:
    with ThreadPoolExecutor(1) as pool:
        ident = pool.submit(threading.get_ident).result()
        while thread_state(ident) not in WAITING:
            pass
        enough = threading.Event()
        done = pool.submit(enough.wait)
        while thread_state(ident) is not ThreadState.WAITS or not done.running():
            pass
        enough.set()


def test_who_waits_for_futures_or_for_a_queue_can_be_looked_at_in_any_line() -> None:
    """Their own functions are called `wait` and `join` as well."""
    seen: set[ThreadState] = set()

    def look(frame: Any, event: str, argument: Any) -> Any:
        seen.add(_in_frame(frame))
        return look

    items: queue.Queue[int] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        done = [pool.submit(int)]
        before = sys.gettrace()
        sys.settrace(look)
        try:
            wait(done)
            items.join()
        finally:
            sys.settrace(before)
    assert ThreadState.RUNS in seen


STALL = 0.4
"""Seconds for which the system does not let a thread go on: more than any doubt lasts."""


@pytest.mark.parametrize("name", NAMES)
def test_a_function_whose_thread_begins_late_is_judged_as_any_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, late = Run._run, []

    def run_late(server: Run) -> None:
        if not late:
            late.append(threading.Event().wait(STALL))
        run(server)

    monkeypatch.setattr(Run, "_run", run_late)
    right = load(solution(name), name, "solution")
    with recording():
        report = get(name).check(right)
    assert report.outcome == "correct", str(report)


def test_a_disk_that_takes_a_moment_now_and_then_makes_no_function_wrong() -> None:
    """The thread that reads is inside a C function meanwhile, so nobody knows what it does."""
    reads = itertools.count(1)

    def sent_by_two(sock: socket.socket, path: Path) -> int:
        total = 0
        with open(path, "rb") as file, ThreadPoolExecutor(1) as pool:

            def read() -> bytes:
                if next(reads) % 10 == 0:
                    time.sleep(0.1)
                return file.read(65536)

            piece = read()
            while piece:
                following = pool.submit(read)
                sock.sendall(piece)
                total += len(piece)
                piece = following.result()
        return total

    with recording():
        report = get("send_file").check(sent_by_two)
    assert report.outcome == "correct", str(report)


def test_who_waits_for_another_thread_is_idle() -> None:
    enough = threading.Event()
    waiter = threading.Thread(target=enough.wait)
    joiner = threading.Thread(target=waiter.join)
    for thread in (waiter, joiner):
        thread.start()
    while (
        thread_state(joiner.ident) is not ThreadState.WAITS
        or thread_state(waiter.ident) is ThreadState.RUNS
    ):
        pass
    assert thread_state(waiter.ident) is ThreadState.WAITS
    enough.set()
    joiner.join()


def test_who_joins_a_thread_that_is_taken_apart_runs_however_long_that_takes() -> None:
    enough, is_over, may_end = threading.Event(), threading.Event(), threading.Event()
    own = threading.local()

    class TakenApart:
        def __del__(self) -> None:  # in the thread, when all of its code has run
            is_over.set()
            may_end.wait()

    def ends() -> None:
        own.kept = TakenApart()
        enough.wait()

    late = threading.Thread(target=ends)
    joiner = threading.Thread(target=late.join)
    try:
        for thread in (late, joiner):
            thread.start()
        while thread_state(joiner.ident) is not ThreadState.WAITS:
            pass
        enough.set()
        is_over.wait()
        assert thread_state(joiner.ident) is ThreadState.RUNS
    finally:
        enough.set()
        may_end.set()
        joiner.join()


def test_who_looks_keeps_nothing_of_what_was_seen() -> None:
    """A frame that is kept keeps its sockets open, and a check would miss their end."""

    class Held:
        pass

    def works(held: Held, enough: threading.Event) -> None:
        enough.wait()

    enough, held = threading.Event(), Held()
    worker = threading.Thread(target=works, args=(held, enough))
    worker.start()
    seen = weakref.ref(held)
    gc.disable()
    try:
        thread_state(worker.ident, worker.native_id)
        enough.set()
        worker.join()
        del held, worker
        assert seen() is None
    finally:
        gc.enable()


@pytest.mark.linux_only
def test_who_waits_for_the_interpreter_does_not_wait_for_another_thread() -> None:
    enough = threading.Event()
    seen: set[ThreadState] = set()

    def works() -> None:
        while not enough.is_set():
            sum(range(100))

    workers = [threading.Thread(target=works) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(300):
        seen |= {thread_state(worker.ident, worker.native_id) for worker in workers}
    enough.set()
    for worker in workers:
        worker.join()
    assert ThreadState.WAITS not in seen
