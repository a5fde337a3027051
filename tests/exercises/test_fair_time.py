"""A check gives the learner's program its time, however busy the machine is."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from typing import Any

import pytest
from judged import get
from load import busy_cores

from helpers import recording
from helpers.exercises import fair_time
from helpers.exercises.deadline import Deadline
from helpers.exercises.engine import Exercise
from helpers.exercises.fair_time import SLOWEST, FairTime
from helpers.exercises.folder import load
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.model import ActorState
from helpers.record.record import record


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The time on the wall, and for how long the system held this program up: both by hand."""
    now = {"wall": 100.0, "held up": 0.0}
    monkeypatch.setattr(fair_time.time, "monotonic", lambda: now["wall"])
    monkeypatch.setattr(fair_time, "_held_up", lambda: {"1": int(now["held up"] * 1e9)})
    return now


def test_time_in_which_other_programs_ran_does_not_count(clock: dict[str, float]) -> None:
    stopwatch = FairTime()
    deadline = Deadline(clock["wall"] + 2)
    clock["wall"] += 3
    clock["held up"] += 2
    assert stopwatch.elapsed() == 1
    assert not stopwatch.has_passed(2)
    assert deadline.left() == 1
    clock["wall"] += 1
    assert deadline.left() == 0
    assert stopwatch.has_passed(2)


def test_a_moment_before_the_end_is_one_of_the_same_time(clock: dict[str, float]) -> None:
    """The next scenario has what is left of this program's time, and not of the wall's."""
    deadline = Deadline(clock["wall"] + 5)
    clock["wall"] += 4.5
    clock["held up"] += 3
    assert deadline.moment(0.5) == clock["wall"] + 3.5 - 0.5


def test_time_to_find_the_name_is_time_of_the_program_too(clock: dict[str, float]) -> None:
    deadline = Deadline(clock["wall"] + 5).sooner(2)
    clock["wall"] += 4
    clock["held up"] += 3
    assert deadline.left() == 3 - 1


@pytest.mark.linux_only
def test_a_thread_that_has_ended_was_held_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not in the system's list any more: a server may have had a hundred of them."""
    monkeypatch.setattr(
        fair_time, "_held_up_for", lambda task: 5_000 if task == "/proc/thread-self" else 0
    )
    before = fair_time._held_up()["ended"]

    def play(stage: Stage) -> None:
        _, sock = stage.pair()
        stage.start(sock)
        stage.finish()

    def starts_two(sock: socket.socket) -> None:
        for _ in range(2):
            thread = threading.Thread(target=sock.send, args=(b"x",))
            thread.start()
            thread.join()

    with recording():
        Exercise.play(Scenario("", play, {}), starts_two, time.monotonic() + 60)
    assert fair_time._held_up()["ended"] - before == 3 * 5_000


def test_a_thread_closes_what_it_has_before_it_tells_of_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be interrupted while it tells: then nothing of it must be open any more."""
    told: list[str] = []
    end = ActorState.end
    monkeypatch.setattr(ActorState, "end", lambda state: (told.append("closes"), end(state)))
    with recording():
        monkeypatch.setattr(record.actors, "at_end", lambda: told.append("tells"))
        thread = threading.Thread(target=lambda: socket.socket().close())
        thread.start()
        thread.join()
        monkeypatch.undo()
    assert told[:2] == ["closes", "tells"]


def test_time_never_stands_still(clock: dict[str, float]) -> None:
    stopwatch = FairTime()
    clock["wall"] += SLOWEST
    clock["held up"] += 1000
    assert stopwatch.elapsed() == 1


@pytest.mark.linux_only
def test_who_waits_for_a_processor_is_held_up() -> None:
    """Each core has a program that computes. This one computes as well, and is not let always."""
    with busy_cores():
        stopwatch = FairTime()
        begun = time.monotonic()
        while stopwatch.elapsed() > time.monotonic() - begun - 0.01:
            sum(range(10_000))
        assert stopwatch.elapsed() < time.monotonic() - begun


def crowded(lock: str) -> str:
    return f"""
import threading

lock = {lock}

def echo_server(listener):
    while True:
        conn, address = listener.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()

def serve(conn):
    with conn:
        try:
            while data := conn.recv(4096):
                with lock:
                    conn.sendall(data)
        except OSError:
            pass
"""


@pytest.mark.linux_only
@pytest.mark.parametrize("lock", ["threading.Lock()", "threading.RLock()", "threading.Semaphore()"])
def test_who_waits_for_a_lock_is_at_rest(lock: str) -> None:
    report = get("echo_server").check(load(crowded(lock), "echo_server", "wrong"))
    assert (report.outcome, report.mistake) == ("incorrect", "who does not read stops all")


POLLS = """
import threading

def echo_server(listener):
    listener.setblocking(False)
    while True:
        try:
            conn, address = listener.accept()
        except BlockingIOError:
            continue
        conn.close()
"""


def test_a_server_that_asks_again_and_again_is_told_so() -> None:
    report = get("echo_server").check(load(POLLS, "echo_server", "wrong"))
    assert report.outcome == "incorrect"
    assert report.facts["ended"] == "polls"
    assert "Wait for the socket" in " ".join(str(report).split())


def computes(sock: socket.socket) -> None:
    while True:
        pass


@pytest.mark.linux_only
def test_who_computes_for_ever_is_found_long_before_the_end_of_the_time() -> None:
    def play(stage: Stage) -> None:
        _, sock = stage.pair()
        stage.start(sock)
        stage.settle()

    deadline = time.monotonic() + 600
    with recording():
        stage = Exercise.play(Scenario("", play, {}), computes, deadline)
    assert (stage.facts["ended"], stage.out_of_time) == ("still_running", False)
    assert time.monotonic() < deadline


def test_a_full_buffer_is_looked_at_once() -> None:
    """Who was seen to wait for room is not doubted again, as long as nobody reads."""
    begun: list[float] = []

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        for _ in range(20):
            begun.append(time.monotonic())
            assert stage.settle().rested
        begun.append(time.monotonic())
        peer.settimeout(5)
        peer.recv(65536)
        stage.settle()
        stage.fact("moved", bool(stage.run.threads.are_at_rest()))

    def fills(sock: socket.socket) -> Any:
        sock.sendall(bytes(50_000_000))

    with recording():
        stage = Exercise.play(Scenario("", play, {}), fills, time.monotonic() + 60)
    assert stage.facts["moved"]
    first, *others = [after - before for before, after in itertools.pairwise(begun)]
    assert min(others) < first / 2
