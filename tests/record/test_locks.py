"""Whether a thread can come to a lock: the order in which its calls were noted counts then."""

from __future__ import annotations

import functools
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from helpers import LiveServer
from helpers.record.locks import can_take_a_lock, comes_to_a_lock

A_LOCK = threading.Lock()


def names_a_lock() -> None:
    with A_LOCK:
        pass


def names_who_does() -> Callable[[], None]:
    def inner() -> None:
        names_a_lock()

    return inner


class Worker(threading.Thread):
    def __init__(self, tool: Any) -> None:
        super().__init__()
        self.tool = tool

    def run(self) -> None:
        print(self.tool)


class Holder:
    def __init__(self, tool: Any) -> None:
        self.tools = [tool]

    def work(self) -> None: ...


class Strange:
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("look at nothing")


FIND = {
    "an argument": lambda lock: (print, lock),
    "in a list": lambda lock: (print, [[lock]]),
    "a variable around it": lambda lock: (lambda: lock,),
    "a default": lambda lock: (lambda given=lock: given,),
    "a global name": lambda _: (names_a_lock,),
    "a function that it calls": lambda _: (names_who_does(),),
    "partial": lambda lock: (functools.partial(print, end=lock),),
    "a method": lambda lock: (Holder(lock).work,),
    "beside a strange object": lambda lock: (Strange(), lock),
}


@pytest.mark.parametrize("where", FIND)
def test_it_is_found(where: str) -> None:
    for made in (threading.Lock, threading.RLock, queue.SimpleQueue):
        assert comes_to_a_lock(*FIND[where](made()))


def test_what_is_noted_or_hands_nothing_over_is_none() -> None:
    made = [queue.Queue(), threading.Event(), threading.Condition(), threading.Semaphore()]
    server = LiveServer(print)
    with socket.socket() as sock:
        for each in (*made, sock, server, sock.recv, [1], {"a": print}, Strange(), None, socket):
            assert not comes_to_a_lock(each, lambda each=each: each, Holder(each).work)


def test_a_thread_by_its_target_or_by_what_it_has() -> None:
    assert can_take_a_lock(threading.Thread(target=print, args=(A_LOCK,)))
    assert can_take_a_lock(threading.Thread(target=print, kwargs={"end": A_LOCK}))
    assert can_take_a_lock(Worker(A_LOCK))
    assert not can_take_a_lock(Worker(queue.Queue()))
    assert not can_take_a_lock(threading.Thread(target=print))


def test_a_thing_without_end_is_looked_at_for_a_moment_only() -> None:
    endless: list[Any] = []
    endless.append(endless)
    long: list[Any] = [[number] for number in range(100_000)]
    assert not comes_to_a_lock(endless, [*long, A_LOCK])
