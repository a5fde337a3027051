"""Who is handed something by another thread comes after it, in every run.

Each way below has two threads, which are synchronised by nothing but that way: one receives
(`before`), and then the other one sends on another socket (`after`).
"""

from __future__ import annotations

import _thread
import asyncio
import queue
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import helpers
from helpers import LiveServer
from helpers.record.record import record

Do = Callable[[], object]
Way = Callable[[Do, Do], object]

WAYS: dict[str, Way] = {}


ANY_THREAD = ("callback_of_a_future", "awaiting")
"""The program leaves open which thread of a pool does it, and so in which lane it stands."""


def way(function: Way) -> Way:
    WAYS[function.__name__] = function
    return function


def both(*functions: Do) -> None:
    """Run them in threads of their own."""
    threads = [threading.Thread(target=each, name=f"T{n}") for n, each in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def by_queue(made: Any) -> Way:
    def hand_over(before: Do, after: Do) -> None:
        both(lambda: (made.get(), after()), lambda: made.put(before()))

    return hand_over


@way
def queues(before: Do, after: Do) -> None:
    for made in (queue.Queue(), queue.Queue(1), queue.LifoQueue(), queue.PriorityQueue()):
        by_queue(made)(before, after)


@way
def a_thread_between_that_only_hands_on(before: Do, after: Do) -> None:
    first: queue.Queue[Any] = queue.Queue()
    then: queue.Queue[Any] = queue.Queue()
    both(
        lambda: (then.get(), after()),
        lambda: first.put(before()),
        lambda: then.put(first.get()),
    )


@way
def room_in_a_queue(before: Do, after: Do) -> None:
    full: queue.Queue[int] = queue.Queue(1)
    full.put(1)
    both(lambda: (full.put(2), after()), lambda: (before(), full.get()))


@way
def simple_queue(before: Do, after: Do) -> None:
    by_queue(queue.SimpleQueue())(before, after)


@way
def lock(before: Do, after: Do) -> None:
    held = threading.Lock()
    held.acquire()
    both(lambda: (held.acquire(), after()), lambda: (before(), held.release()))


@way
def list_under_a_lock(before: Do, after: Do) -> None:
    held, items = threading.RLock(), []

    class Box:
        def __init__(self) -> None:
            self.lock = held

        def give(self) -> None:
            got = before()
            with self.lock:
                items.append(got)

        def take(self) -> None:
            while True:
                with self.lock:
                    if items:
                        break
            after()

    both(Box().take, Box().give)


@way
def join_of_a_queue(before: Do, after: Do) -> None:
    work: queue.Queue[int] = queue.Queue()
    work.put(1)
    both(lambda: (work.join(), after()), lambda: (before(), work.task_done()))


@way
def event(before: Do, after: Do) -> None:
    is_done = threading.Event()
    both(lambda: (is_done.wait(), after()), lambda: (before(), is_done.set()))


@way
def event_that_is_looked_at(before: Do, after: Do) -> None:
    is_done = threading.Event()

    def look() -> None:
        while not is_done.is_set():
            pass
        after()

    both(look, lambda: (before(), is_done.set()))


@way
def condition(before: Do, after: Do) -> None:
    changed, items = threading.Condition(), []

    def give() -> None:
        got = before()
        with changed:
            items.append(got)
            changed.notify()

    def take() -> None:
        with changed:
            while not items:
                changed.wait(0.01)
        after()

    both(take, give)


@way
def condition_wait_for(before: Do, after: Do) -> None:
    changed, items = threading.Condition(), []

    def give() -> None:
        items.append(before())
        with changed:
            changed.notify_all()

    def take() -> None:
        with changed:
            changed.wait_for(lambda: items)
        after()

    both(take, give)


@way
def semaphores(before: Do, after: Do) -> None:
    permits = threading.Semaphore(1)
    permits.acquire()
    both(lambda: (permits.acquire(), after()), lambda: (before(), permits.release()))
    held = threading.BoundedSemaphore(1)
    held.acquire()

    def take() -> None:
        with held:
            after()

    both(take, lambda: (before(), held.release()))


@way
def barrier(before: Do, after: Do) -> None:
    met = threading.Barrier(2)
    for _ in range(3):
        both(lambda: (met.wait(), after(), met.wait()), lambda: (before(), met.wait(), met.wait()))


@way
def join(before: Do, after: Do) -> None:
    first = threading.Thread(target=before, name="first")
    first.start()
    both(lambda: (first.join(), after()))


@way
def is_alive(before: Do, after: Do) -> None:
    first = threading.Thread(target=before, name="first")
    first.start()

    def look() -> None:
        while first.is_alive():
            pass
        after()

    both(look)
    first.join()


@way
def start(before: Do, after: Do) -> None:
    both(lambda: (before(), both(after)))


@way
def start_by_a_thread_without_a_call(before: Do, after: Do) -> None:
    both(lambda: (before(), both(lambda: both(after))))


@way
def timer(before: Do, after: Do) -> None:
    def go() -> None:
        before()
        later = threading.Timer(0, after)
        later.name = "later"
        later.start()
        later.join()

    both(go)


@way
def future(before: Do, after: Do) -> None:
    with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1) as other:
        first = pool.submit(before)
        other.submit(lambda: (first.result(), after())).result()


@way
def submit_to_a_thread_that_is_there(before: Do, after: Do) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        both(lambda: (before(), pool.submit(after)))


@way
def callback_of_a_future(before: Do, after: Do) -> None:
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(before)
        first.exception()
        both(lambda: first.add_done_callback(lambda _: after()))


@way
def awaiting(before: Do, after: Do) -> None:
    async def main() -> None:
        await asyncio.to_thread(before)
        after()
        await asyncio.to_thread(before)
        await asyncio.to_thread(after)

    asyncio.run(main())


@way
def call_soon_threadsafe(before: Do, after: Do) -> None:
    async def main() -> None:
        loop, is_done = asyncio.get_running_loop(), asyncio.Event()
        go = threading.Thread(
            target=lambda: (
                before(),
                loop.call_soon_threadsafe(lambda: (after(), is_done.set())),
            )
        )
        go.name = "go"
        go.start()
        await is_done.wait()
        go.join()

    asyncio.run(main())


def _picture(hand_over: Way) -> str:
    """What the ladder says when `before` and `after` were handed over so; checks their order."""
    with helpers.recording():
        asked, asks = socket.socketpair()
        answers, answered = socket.socketpair()
        with asked, asks, answers, answered:
            for _ in range(5):  # the one who asks is far ahead of who answers
                asks.sendall(b"-")
                asked.recv(1)
            asks.sendall(b"???????")
            hand_over(lambda: asked.recv(1), lambda: answers.sendall(b"!"))
            events = record.events()
            text = helpers.timeline().text()
    received = [n for n, each in enumerate(events) if each.call == "recv" and each.data == b"?"]
    sent = [n for n, each in enumerate(events) if each.data == b"!"]
    assert len(received) == len(sent) > 0
    assert all(before < after for before, after in zip(received, sent, strict=True))
    return re.sub(r"(ThreadPoolExecutor-|asyncio_)\d+(_\d+)?", "pool", text)


@pytest.mark.parametrize("name", WAYS)
def test_who_is_handed_something_comes_after_it(name: str) -> None:
    once = _picture(WAYS[name])
    if name not in ANY_THREAD:
        assert {_picture(WAYS[name]) for _ in range(3)} == {once}


STARTED_BY_HAND = """
import _thread, socket, threading
from helpers import recording

with recording() as told:
    here, there = socket.socketpair()
    for _ in range(5):
        here.sendall(b"?")
        there.recv(1)
    is_done = threading.Event()
    _thread.start_new_thread(lambda: (socket.socketpair(), is_done.set()), ())
    is_done.wait()
    print([each.call for each in told.events if each.call != "close"])
"""


def test_a_thread_that_is_started_without_threading_comes_after_its_starter() -> None:
    done = subprocess.run(  # in a program of its own: its entry in `threading` stays there
        [sys.executable, "-c", STARTED_BY_HAND], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(["socketpair", *5 * ["sendall", "recv"], "socketpair"])


def test_a_thread_of_an_earlier_recording_is_no_cause_in_this_one() -> None:
    def work() -> None:
        for _ in range(10):
            socket.socket().close()

    thread = threading.Thread(target=work)
    with helpers.recording():
        thread.start()
        thread.join()
    with helpers.recording() as recorded:
        assert not thread.is_alive()
        socket.socket().close()
        assert [event.clock for event in recorded.events] == [1, 2]


def test_nothing_is_left_of_it() -> None:
    wrapped = [
        (threading.Thread, "start"),
        (threading.Event, "set"),
        (queue.Queue, "_put"),
        (_thread, "start_new_thread"),
        (asyncio.base_events.BaseEventLoop, "call_soon_threadsafe"),
    ]
    before = [vars(owner)[name] for owner, name in wrapped]
    with helpers.recording():
        assert all(
            vars(owner)[name] is not plain
            for (owner, name), plain in zip(wrapped, before, strict=True)
        )
    assert [vars(owner)[name] for owner, name in wrapped] == before


def test_an_answer_stands_below_its_question(recorded: None) -> None:
    """One thread receives, another one answers on the same socket."""
    jobs: queue.Queue[tuple[socket.socket, bytes] | None] = queue.Queue()

    def work() -> None:
        while (job := jobs.get()) is not None:
            job[0].sendall(job[1].upper())

    def front(listener: socket.socket) -> None:
        conn, _ = listener.accept()
        with conn:
            while text := conn.recv(100):
                jobs.put((conn, text))

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        LiveServer(front, listener) as server,
        socket.create_connection(server.address) as client,
    ):
        for word in (b"one", b"two"):
            client.sendall(word)
            client.recv(100)
    jobs.put(None)
    worker.join()
    told = [each.data for each in record.events() if each.actor.name in ("front", "worker")]
    assert [each for each in told if each] == [b"one", b"ONE", b"two", b"TWO"]
