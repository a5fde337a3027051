"""A check holds the clock of a function: a limit is over when the peers let so much time pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import recording
from helpers.exercises.engine import LIMIT
from helpers.exercises.folder import load
from helpers.exercises.stage import Stage
from helpers.record.clock import clock

LIMITS = {
    "settimeout": """
        sock.settimeout(seconds)
        sock.recv(1)
        """,
    "settimeout, sendall": """
        sock.settimeout(seconds)
        sock.sendall(bytes(50_000_000))
        """,
    "select": """
        if not select.select([sock], [], [], seconds)[0]:
            raise TimeoutError
        """,
    "selectors": """
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            if not selector.select(seconds):
                raise TimeoutError
        """,
    "poll": """
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        if not poll.poll(seconds * 1000):
            raise TimeoutError
        """,
    "asyncio": """
        async def read():
            sock.setblocking(False)
            loop = asyncio.get_running_loop()
            await asyncio.wait_for(loop.sock_recv(sock, 1), seconds)
        asyncio.run(read())
        """,
}
"""Ways to wait so many seconds, and to say that they are over."""

WAITS = """
import asyncio, select, selectors, time

def wait(sock, seconds):
    began = time.monotonic()
    try:
{way}
    except TimeoutError:
        return time.monotonic() - began
"""


@pytest.fixture(autouse=True)
def recorded() -> Iterator[None]:
    with recording():
        yield


def stage_of(code: str, name: str) -> Stage:
    return Stage(load(code, name, "held"), time.monotonic() + LIMIT)


@pytest.mark.parametrize("seconds", [0.001, 3600])
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(each, marks=[pytest.mark.linux_only] * (each in ("poll", "asyncio")))
        for each in LIMITS
    ],
)
def test_a_limit_is_over_when_the_peers_have_waited_for_so_long(way: str, seconds: float) -> None:
    stage = stage_of(WAITS.format(way=LIMITS[way].replace("\n", "\n    ")), "wait")
    with stage:
        _, sock = stage.pair()
        stage.hold_clock()
        stage.start(sock, seconds)
        for _ in range(3):
            stage.let_time_pass(seconds / 4)
            assert not stage.run.is_over
        stage.let_time_pass(seconds / 4)
        stage.finish()
    assert stage.facts["returned"] == pytest.approx(seconds, abs=1e-5)


def test_without_a_number_time_passes_until_each_limit_is_over() -> None:
    stage = stage_of(WAITS.format(way=LIMITS["select"].replace("\n", "\n    ")), "wait")
    with stage:
        _, sock = stage.pair()
        stage.hold_clock()
        stage.start(sock, 3600)
        stage.finish()  # lets time pass: the function waits for nothing else
    assert stage.facts == {"ended": "returned", "returned": 3600.0}


CLOCKS = """
import time
from time import monotonic, perf_counter_ns as nanoseconds

def read(sock):
    def all_clocks():
        return [time.monotonic(), time.perf_counter(), time.time(), monotonic(),
                time.monotonic_ns() / 1e9, time.time_ns() / 1e9, nanoseconds() / 1e9]
    before = all_clocks()
    again = all_clocks()
    sock.recv(1)
    return again == before, [now - then for now, then in zip(all_clocks(), before)]
"""


def test_all_clocks_of_the_function_stand_still_and_go_on_together() -> None:
    plain = time.monotonic, time.perf_counter_ns, time.time
    stage = stage_of(CLOCKS, "read")
    names: dict[str, Any] = stage.run._function.__globals__
    with stage:
        peer, sock = stage.pair()
        stage.hold_clock()
        stage.start(sock)
        stage.let_time_pass(2.5)
        peer.sendall(b"x")
        stage.finish()
    stood_still, passed = stage.facts["returned"]
    assert stood_still
    assert passed == pytest.approx([2.5] * 7, abs=1e-5)
    assert (time.monotonic, time.perf_counter_ns, time.time) == plain
    assert (names["monotonic"], names["nanoseconds"]) == plain[:2]


def test_the_threads_that_were_there_have_their_own_time() -> None:
    seen: list[float] = []
    ask, asked = threading.Event(), threading.Event()

    def one_of_the_kernel() -> None:
        ask.wait()
        seen.extend((time.monotonic(), clock.now()))
        asked.set()

    thread = threading.Thread(target=one_of_the_kernel)
    thread.start()
    stage = stage_of("def read(sock): sock.recv(1)", "read")
    with stage:
        _, sock = stage.pair()
        stage.hold_clock()
        stage.start(sock)
        stage.let_time_pass(3600)
        ask.set()
        asked.wait()
        assert clock.now() - time.monotonic() < 1  # and so has the peers' thread
    thread.join()
    assert max(seen) - time.monotonic() < 1
    assert clock.held is None


def test_a_thread_that_is_gone_leaves_its_number_to_one_whose_clock_is_held() -> None:
    gone = threading.Thread(target=lambda: None)
    gone.start()
    with clock.hold() as held:
        gone.join()
        held._before[threading.get_ident()] = gone
        assert clock.is_held()
        assert clock.now() == held.now
