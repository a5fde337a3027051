"""A check waits for who is slow, and disturbs nothing else."""

from __future__ import annotations

import _thread
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from judged import NAMES, folder, get, mistakes, solution

from helpers import LiveServer, exercises, recording, timeline
from helpers.exercises.engine import Exercise
from helpers.exercises.folder import load
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import OfType, plain
from helpers.record.socket_info import info_of
from helpers.record.wakeup import is_broken


def test_who_is_slow_is_not_called_wrong() -> None:
    """What the peers could not do in time says nothing of the function."""

    def read_exactly(sock: socket.socket, n: int) -> bytes:
        data = b""
        while len(data) < n:
            time.sleep(0.7)
            data += sock.recv(n - len(data))
        return data

    report = get("read_exactly").check(read_exactly)
    assert report.outcome == "cannot check", str(report)
    assert report.out_of_time
    assert "The time of the check was over" in str(report)


def test_ctrl_c_ends_a_check_and_the_next_one_works() -> None:
    def interrupts_the_kernel(sock: socket.socket, n: int) -> bytes:
        _thread.interrupt_main()
        return sock.recv(n) + sock.recv(n) + sock.recv(n) + sock.recv(100)

    exercise = get("read_exactly")
    with pytest.raises(KeyboardInterrupt):
        exercise.check(interrupts_the_kernel)
    assert threading.active_count() == 1
    right = load(solution("read_exactly"), "read_exactly", "right")
    assert exercise.check(right).outcome == "correct"


def reads_on(sock: socket.socket) -> None:
    while True:
        sock.recv(1)


def writes_on(sock: socket.socket) -> None:
    while True:
        with suppress(OSError):
            sock.send(b"x")


def computes(sock: socket.socket) -> None:
    while True:
        pass


@pytest.mark.parametrize(
    ("function", "ended"),
    [
        (reads_on, "reads_the_end"),
        (writes_on, "ignores_errors"),
        (computes, "still_running"),
    ],
)
def test_a_loop_that_never_ends_is_told_apart(
    function: Callable[[socket.socket], None], ended: str
) -> None:
    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.close(peer)
        stage.finish()

    with recording():
        stage = Exercise.play(Scenario("a loop", play, {}), function, time.monotonic() + 1)
    assert stage.facts["ended"] == ended
    assert not stage.run.still_running


def test_a_stage_on_which_nothing_was_started_has_seen_nothing() -> None:
    with recording():
        stage = Exercise.play(Scenario("", lambda stage: None, {}), print, time.monotonic() + 1)
    assert (stage.facts, stage.run.value) == ({}, None)
    assert (stage.run.untouched, stage.rested, stage.run.still_running) == (False, False, False)


@pytest.mark.parametrize(("seconds", "facts"), [(0.9, {"time": "left"}), (0.0, {})])
def test_a_stage_ends_when_the_time_is_used_up(seconds: float, facts: dict[str, str]) -> None:
    def play(stage: Stage) -> None:
        stage.check_time()
        stage.fact("time", "left")

    with recording():
        stage = Exercise.play(Scenario("", play, {}), print, time.monotonic() + seconds)
    assert {name: stage.facts[name] for name in stage.facts if name == "time"} == facts


def test_a_stage_has_room_for_two_listeners() -> None:
    def play(stage: Stage) -> None:
        for place in (1, 2):
            stage.fact(f"listener {place}", stage.listen().getsockname()[0])

    with recording():
        stage = Exercise.play(Scenario("", play, {}), print, time.monotonic() + 1)
    assert stage.facts == {"listener 1": "127.0.0.1", "listener 2": "127.0.0.1"}


def in_a_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the machine has much to do, a thread begins in this time."""
    monkeypatch.setattr("helpers.exercises.run.SETTLE_TIME", 3.0)
    monkeypatch.setattr("helpers.exercises.threads.DOUBT_TIME", 2.0)


@pytest.mark.usefixtures("_patient")
def test_a_peer_waits_for_a_thread_that_takes_a_moment_to_begin() -> None:
    def hands_on(sock: socket.socket) -> None:
        def work() -> None:
            threading.Event().wait(0.02)
            sock.recv(10)

        in_a_thread(work)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        peer.sendall(b"x")
        stage.settle()
        info = info_of(sock)
        assert info is not None
        assert info.endpoint is not None
        stage.fact("in flight", info.endpoint.incoming.in_flight)

    with recording():
        stage = Exercise.play(Scenario("", play, {}), hands_on, time.monotonic() + 5)
    assert stage.facts == {"in flight": 0}


@pytest.mark.usefixtures("_patient")
def test_a_thread_that_sends_after_a_moment_is_heard() -> None:
    def talks(sock: socket.socket) -> None:
        def work() -> None:
            threading.Event().wait(0.02)
            sock.sendall(b"x")

        in_a_thread(work)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.hear(peer, "peer")
        stage.finish()

    with recording():
        stage = Exercise.play(Scenario("", play, {}), talks, time.monotonic() + 5)
    assert stage.facts == {"peer.received": b"x", "ended": "returned", "returned": None}


@pytest.mark.linux_only
def test_a_reset_that_is_a_moment_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    def is_told_late(fd: int) -> bool:
        looks.append(is_broken(fd))
        return looks.count(True) > 3

    monkeypatch.setattr("helpers.exercises.traffic.is_broken", is_told_late)

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        stage.settle()
        stage.fact("looks before", len(looks))
        stage.fact("broken before", is_broken(peer.fileno()))
        peer.sendall(b"x")
        stage.settle()
        stage.fact("broken", is_broken(peer.fileno()))

    with recording():
        stage = Exercise.play(Scenario("", play, {}), socket.socket.close, time.monotonic() + 5)
    assert stage.facts == {"looks before": 0, "broken before": False, "broken": True}
    assert looks.count(True) == 4


def test_a_client_that_does_not_come_is_not_waited_for_long() -> None:
    enough = threading.Event()

    def play(stage: Stage) -> None:
        listener = stage.listen()
        stage.start()
        stage.fact("accepted", stage.accept(listener, "conn"))
        enough.set()

    with recording():
        stage = Exercise.play(
            Scenario("", play, {}), lambda: in_a_thread(enough.wait), time.monotonic() + 3
        )
    enough.set()
    assert stage.facts == {"accepted": None}


def test_a_thread_that_takes_nothing_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpers.exercises.run.SETTLE_TIME", 3.0)
    enough = threading.Event()

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        peer.sendall(b"x")
        stage.fact("rested", stage.settle().rested)
        enough.set()
        stage.finish()

    with recording():
        stage = Exercise.play(
            Scenario("", play, {}), lambda sock: enough.wait(), time.monotonic() + 3
        )
    assert stage.facts == {"rested": True, "ended": "returned", "returned": True}


def test_a_server_that_the_learner_has_left_running_disturbs_no_check() -> None:
    enough = threading.Event()

    def works() -> None:
        while not enough.is_set():
            time.sleep(0.001)

    right = load(solution("read_exactly"), "read_exactly", "right")
    with recording(), LiveServer(works):
        assert get("read_exactly").check(right).outcome == "correct"
        enough.set()


def test_a_mistake_that_nobody_knows_is_incorrect_all_the_same() -> None:
    def answers_the_end(sock: socket.socket, n: int) -> bytes:
        data = b""
        while len(data) < n:
            part = sock.recv(n - len(data))
            if not part:
                return b"?"
            data += part
        return data

    report = get("read_exactly").check(answers_the_end)
    assert (report.outcome, report.mistake) == ("incorrect", "")


@pytest.mark.posix_only  # on Windows os.write() takes no socket
def test_who_sends_without_a_recorded_call_has_tried() -> None:
    def writes(sock: socket.socket, n: int) -> None:
        os.write(sock.fileno(), b"x")

    assert get("read_exactly").check(writes).outcome == "incorrect"


class Number(int):
    pass


RELEASED = memoryview(b"x")
RELEASED.release()


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (b"x", b"x"),
        (bytearray(b"x"), b"x"),
        (memoryview(b"x"), OfType("memoryview")),  # the caller was promised bytes
        (RELEASED, OfType("memoryview")),
        (Number(1), OfType("Number")),
        ({}, OfType("dict")),
        ((1, [2, (3, [4, [5]])]), [1, [2, [3, [4, OfType("list")]]]]),
    ],
)
def test_a_value_as_a_fact(value: Any, fact: Any) -> None:
    found = plain(value)
    assert found == fact
    assert type(found) is type(fact)


def test_the_learners_timeline_does_not_show_a_check() -> None:
    right = load(solution("read_exactly"), "read_exactly", "right")
    with recording():
        here, there = socket.socketpair()
        with here, there:
            here.sendall(b"mine")
            assert get("read_exactly").check(right).outcome == "correct"
            assert there.recv(4) == b"mine"
        shown = str(timeline())
    assert "mine" in shown
    assert "10000" not in shown


def test_a_failed_check_has_its_timeline() -> None:
    exercise = get("read_exactly")
    wrong = load(mistakes("read_exactly")[0][3], "read_exactly", "wrong")
    report = exercise.check(wrong)
    assert "sock.recv(5) → b'1'" in str(exercise.timeline())
    assert exercise.timeline() is report.timeline
    assert {event.name for event in report.events} == {"peer", "sock"}


@pytest.mark.parametrize("given", [None, b"10000", 5])
def test_check_needs_the_function_itself(given: Any) -> None:
    with pytest.raises(TypeError, match=r"without calling it: exercises\.read_exactly\.check"):
        get("read_exactly").check(given)


def test_check_refuses_an_async_function() -> None:
    async def read_exactly(sock: socket.socket, n: int) -> bytes:
        return b""

    with pytest.raises(TypeError, match="this one is async"):
        get("read_exactly").check(read_exactly)


def test_check_of_a_coroutine_function_refuses_a_plain_one() -> None:
    def echo_async(reader: Any, writer: Any) -> None:
        pass

    with pytest.raises(TypeError, match="write async def in place of def"):
        get("echo_async").check(echo_async)


def test_a_function_with_other_parameters_is_told_so() -> None:
    def read_exactly(sock: socket.socket) -> bytes:
        return b""

    report = get("read_exactly").check(read_exactly)
    assert (report.outcome, report.mistake) == (
        "incorrect",
        "it takes another number of arguments",
    )
    assert "takes 1 positional argument but 2 were given" in " ".join(str(report).split())


# --- hints and solutions ------------------------------------------------------------------------


def test_hints_come_one_after_another_and_the_last_one_stays() -> None:
    exercise = Exercise(folder("read_exactly"), get("read_exactly").scenarios)
    hints = folder("read_exactly").words.hints
    for number, hint in enumerate([*hints, hints[-1]]):
        shown = exercise.hint()
        assert shown.says == hint
        assert f"hint {min(number + 1, len(hints))} of {len(hints)}" in str(shown)


def test_the_solution_opens_after_an_attempt() -> None:
    found = folder("read_exactly")
    exercise = Exercise(folder("read_exactly"), get("read_exactly").scenarios)
    assert found.program("solution").strip() not in str(exercise.solution())
    exercise.check(load(found.program("starter"), "read_exactly", "starter"))
    assert "Try it first" in str(exercise.solution())
    assert "recv_into" in str(exercise.solution(show=True))
    exercise.check(load(mistakes("read_exactly")[0][3], "read_exactly", "wrong"))
    html = exercise.solution()._repr_mimebundle_()["text/html"]
    assert "EOFError" in html


def test_a_name_that_is_no_exercise_says_which_there_are() -> None:
    with pytest.raises(AttributeError, match=r"no exercise 'read'.*read_exactly"):
        _ = exercises.read
    assert dir(exercises) == sorted(NAMES)
