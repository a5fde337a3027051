"""The record's lock reads what finalizers have left to be done, and can be taken again."""

from __future__ import annotations

import threading

from helpers.record.lock import DrainingLock


def test_what_was_told_is_done_before_the_lock_is_held() -> None:
    lock = DrainingLock()
    done: list[int] = []
    for number in range(3):
        lock.tell(lambda number=number: done.append(number))
    assert done == []
    with lock.hold():
        assert done == [0, 1, 2]
        lock.tell(lambda: done.append(3))
    assert done == [0, 1, 2]
    with lock.hold():
        assert done == [0, 1, 2, 3]


def test_it_is_done_under_the_lock() -> None:
    lock = DrainingLock()
    others: list[bool] = []

    def look() -> None:
        held = lock.hold()  # nothing was told any more: it only gives the lock
        others.append(held.acquire(blocking=False))
        if others[-1]:
            held.release()

    def let_another_thread_look() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    lock.tell(let_another_thread_look)
    with lock.hold():
        assert others == [False]
    let_another_thread_look()
    assert others == [False, True]


def test_its_holder_may_take_it_again_and_is_not_disturbed_by_what_was_told() -> None:
    lock = DrainingLock()
    done: list[str] = []
    with lock.hold():
        lock.tell(lambda: done.append("told"))
        with lock.hold():  # as the finalizer of another socket does
            assert done == []
        assert done == []
    with lock.hold():
        assert done == ["told"]


def test_what_is_told_may_take_the_lock_and_tell_more() -> None:
    lock = DrainingLock()
    done: list[str] = []

    def first() -> None:
        lock.tell(lambda: done.append("second"))
        with lock.hold():
            done.append("first")

    lock.tell(first)
    with lock.hold():
        assert done == ["first", "second"]


def test_in_a_child_nobody_holds_it() -> None:
    lock = DrainingLock()
    taken: list[bool] = []
    with lock.hold():
        lock.renew()  # a child has no thread but the one that has forked
        thread = threading.Thread(target=lambda: taken.append(lock.hold().acquire(blocking=False)))
        thread.start()
        thread.join()
    assert taken == [True]
