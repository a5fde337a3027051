"""The log is bounded, and each reader has a cursor of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.record.events import Actor
from helpers.record.lock import DrainingLock
from helpers.record.log import Log
from helpers.record.model import ActorState, Call
from helpers.record.socket_info import SocketInfo

KEPT, AT_ONCE = 10, 3


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helpers.record.log.CALLS_KEPT", KEPT)
        patch.setattr("helpers.record.log.FORGOTTEN_AT_ONCE", AT_ONCE)
        yield


STATE, SOCKET = ActorState(Actor(0, "cell", "cell")), SocketInfo(0, stream=True)


def new_log() -> Log:
    return Log(DrainingLock())


def note(log: Log, *names: str) -> None:
    for name in names:
        log.append(Call(STATE, SOCKET, name, (), 1))


def read(log: Log, cursor: int = 0) -> tuple[str, int, int]:
    calls, after, lost = log.read(cursor)
    return "".join(call.name for call in calls), after, lost


def test_a_reader_gets_what_came_since_its_last_time() -> None:
    log = new_log()
    assert read(log) == ("", 0, 0)
    note(log, *"abc")
    assert read(log) == ("abc", 3, 0)
    note(log, *"de")
    assert read(log, 3) == ("de", 5, 0)
    assert read(log, 5) == ("", 5, 0)


def test_no_reader_takes_anything_from_another_one() -> None:
    log = new_log()
    note(log, *"abc")
    assert read(log) == read(log) == ("abc", 3, 0)
    assert read(log, 1) == ("bc", 3, 0)


def test_the_oldest_calls_are_forgotten_and_each_reader_is_told_what_it_missed() -> None:
    log = new_log()
    note(log, *"abcdefghij")
    assert read(log) == ("abcdefghij", 10, 0)
    note(log, "k")
    assert read(log) == ("efghijk", 11, 4)
    assert read(log, 2) == ("efghijk", 11, 2)
    assert read(log, 4) == ("efghijk", 11, 0)
    assert read(log, 10) == ("k", 11, 0)


def test_what_is_cleared_is_not_lost() -> None:
    log = new_log()
    note(log, *"abcdefghijk")
    log.clear()
    assert read(log) == ("", 11, 0)
    note(log, *"lm")
    assert read(log, 4) == read(log, 11) == ("lm", 13, 0)
    note(log, *"nopqrstuvw")
    assert read(log, 4) == ("pqrstuvw", 23, 4)


def test_several_calls_at_once_stay_within_the_bounds() -> None:
    log, other = new_log(), new_log()
    note(log, *"abcdefgh")
    note(other, *"ijklmnop")
    log.extend(other.read().calls)
    assert read(log) == ("jklmnop", 16, 9)


@given(st.lists(st.integers(0, 30), max_size=20), st.lists(st.booleans(), min_size=20))
def test_what_a_reader_gets_and_what_it_lost_is_all(counts: list[int], looks: list[bool]) -> None:
    log = new_log()
    noted = got = cursor = 0
    for count, looks_now in zip(counts, looks, strict=False):
        note(log, *("x" * count))
        noted += count
        if looks_now:
            calls, cursor, lost = log.read(cursor)
            got += len(calls) + lost
            assert (got, cursor) == (noted, noted)
            assert len(calls) <= KEPT


def test_threads_append_while_another_one_reads_and_none_is_told_twice() -> None:
    log = new_log()
    rounds, threads = 2000, 3
    workers = [
        threading.Thread(target=note, args=(log, *(f"{name} " for name in range(rounds))))
        for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    seen: list[Call] = []
    cursor = lost = 0
    while any(worker.is_alive() for worker in workers) or cursor < rounds * threads:
        calls, cursor, missed = log.read(cursor)
        seen += calls
        lost += missed
    assert len(seen) + lost == cursor == rounds * threads
    assert len(set(seen)) == len(seen)
