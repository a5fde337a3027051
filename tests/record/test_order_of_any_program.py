"""Random programs of threads, sockets and synchronisation: no effect stands above its cause.

A program is a list of handings-over, each from one thread to another one. Whoever gives makes a
call before it, and whoever takes makes one behind it: these two calls are known to come in that
order. So are the calls of one thread. Each taking has its giving earlier in the list, so that no
program can hang; and it waits for that one only, so that each program leaves one outcome.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import helpers
from helpers.record.record import record

Do = Callable[[], object]
Handing = tuple[str, int, int]
"""By what, from whom, to whom. The last number is the cell, the others are threads."""

THREADS = 3


def by_event() -> tuple[Do, Do]:
    given = threading.Event()
    return given.set, given.wait


def by_condition() -> tuple[Do, Do]:
    changed, given = threading.Condition(), []

    def give() -> None:
        with changed:
            given.append(True)
            changed.notify()

    def take() -> None:
        with changed:
            while not given:
                changed.wait()

    return give, take


def by_semaphore() -> tuple[Do, Do]:
    permits = threading.Semaphore(0)
    return permits.release, permits.acquire


def by_barrier() -> tuple[Do, Do]:
    met = threading.Barrier(2)
    return met.wait, met.wait


def by_future() -> tuple[Do, Do]:
    future: Future[int] = Future()
    return partial(future.set_result, 1), future.result


def by_lifo() -> tuple[Do, Do]:
    items: queue.LifoQueue[int] = queue.LifoQueue()
    return partial(items.put, 1), items.get


def by_work_done() -> tuple[Do, Do]:
    work: queue.Queue[int] = queue.Queue()
    work.put(1)
    return work.task_done, work.join


ONCE: dict[str, Callable[[], tuple[Do, Do]]] = {
    "event": by_event,
    "condition": by_condition,
    "semaphore": by_semaphore,
    "barrier": by_barrier,
    "future": by_future,
    "lifo": by_lifo,
    "work done": by_work_done,
}
MANY_TIMES = ("queue", "short queue", "stream", "the same socket")
"""What two threads use again and again."""

handings = st.tuples(
    st.sampled_from([*ONCE, *MANY_TIMES]), st.integers(0, THREADS), st.integers(0, THREADS)
).filter(lambda handing: handing[1] != handing[2])
programs = st.lists(handings, min_size=1, max_size=14)


class Program:
    """One run of it."""

    def __init__(self, program: list[Handing]) -> None:
        self.todo: dict[int, list[Do]] = defaultdict(list)
        self.known: list[tuple[bytes, bytes]] = []
        """Of each two calls, by their data: the first one comes before the second one."""
        self.open: list[socket.socket] = []
        self._last: dict[int, bytes] = {}
        self._own = [self._pair()[0] for _ in range(THREADS + 1)]
        self._shared: dict[tuple[str, int, int], tuple[Do, Do]] = {}
        for number, (how, giver, taker) in enumerate(program):
            give, take = self._handing(how, giver, taker)
            before, after = b"%d gives" % number, b"%d takes" % number
            self.todo[giver] += [self._call(giver, before), give]
            self.todo[taker] += [take, self._call(taker, after)]
            self.known.append((before, after))

    def _pair(self) -> tuple[socket.socket, socket.socket]:
        pair = socket.socketpair()
        self.open += pair
        return pair

    def _call(self, who: int, data: bytes) -> Do:
        if who in self._last:
            self.known.append((self._last[who], data))
        self._last[who] = data
        return partial(self._own[who].sendall, data)

    def _handing(self, how: str, giver: int, taker: int) -> tuple[Do, Do]:
        if how in ONCE:
            return ONCE[how]()
        if how == "the same socket":
            give, take = self._handing("queue", giver, taker)
            return (lambda: (self._own[giver].send(b"-"), give())), take
        if (how, giver, taker) not in self._shared:
            if how == "stream":
                here, there = self._pair()
                self._shared[how, giver, taker] = (
                    partial(here.sendall, b"!"),
                    partial(there.recv, 1),
                )
            else:
                items: queue.Queue[int] = queue.Queue(20 if how == "short queue" else 0)
                self._shared[how, giver, taker] = partial(items.put, 1), items.get
        return self._shared[how, giver, taker]

    def run(self) -> None:
        def work(who: int) -> None:
            for do in self.todo[who]:
                do()

        threads = [
            threading.Thread(target=work, args=(who,), name=f"T{who}") for who in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        work(THREADS)
        for thread in threads:
            thread.join()


def pictures(program: list[Handing], runs: int) -> Iterator[str]:
    """What the ladder shows of each run; checks the order of the calls in it."""
    for _ in range(runs):
        with helpers.recording():
            made = Program(program)
            made.run()
            events = record.events()
            yield helpers.timeline().text()
            for sock in made.open:
                sock.close()
        place = {each.data: n for n, each in enumerate(events) if each.call == "sendall"}
        numbers = {each.number: n for n, each in enumerate(events)}
        for before, after in made.known:
            assert place[before] < place[after], (before, after)
        for n, each in enumerate(events):
            assert all(numbers[cause.event] < n for cause in each.causes)


def holds_for(program: list[Handing], runs: int = 10) -> None:
    assert len(set(pictures(program, runs))) == 1


@settings(max_examples=25)
@given(program=programs)
@example(program=[("queue", 0, 1), ("queue", 0, 1), ("stream", 1, 3), ("event", 3, 2)])
@example(program=[(how, n % 3, 3) for n, how in enumerate([*ONCE, *MANY_TIMES])])
def test_no_effect_stands_above_its_cause_and_each_run_has_the_same_picture(
    program: list[Handing],
) -> None:
    holds_for(program)


@pytest.mark.weekly
@settings(max_examples=1500)
@given(program=st.lists(handings, min_size=1, max_size=40))
def test_no_effect_stands_above_its_cause_in_long_programs(program: list[Handing]) -> None:
    holds_for(program)
