"""A function that sleeps is ended, and told so; one whose first thread only sleeps is checked."""

from __future__ import annotations

import threading
import time

import pytest
from judged import SERVES_IN_THREADS, get, program

from helpers.exercises.report import Report


def checked(name: str, code: str) -> Report:
    with program(code, name) as function:
        return get(name).check(function)


SLEEPS_FIRST = """
import time
from time import sleep

def read_exactly(sock, n):
    {sleep}(600)
    return sock.recv(n)
"""

SLEEPS_WHEN_FULL = """
import time

def send_all(sock, data):
    view = memoryview(data).cast("B")
    while view:
        try:
            view = view[sock.send(view):]
        except BlockingIOError:
            time.sleep({seconds})
"""


@pytest.mark.parametrize("name", ["sleep", "time.sleep"])
def test_a_long_sleep_is_told_and_ended(name: str) -> None:
    before = threading.active_count()
    report = checked("read_exactly", SLEEPS_FIRST.format(sleep=name))
    assert (report.outcome, report.facts["ended"]) == ("incorrect", "sleeps")
    assert not report.still_running
    assert "Take time.sleep() away" in str(report)
    assert threading.active_count() == before


@pytest.mark.parametrize("seconds", [0.01, 0.3])
def test_a_sleep_is_no_wait_for_room(seconds: float) -> None:
    report = checked("send_all", SLEEPS_WHEN_FULL.format(seconds=seconds))
    assert report.outcome == "incorrect"
    assert report.mistake == "it sleeps in place of waiting"


def test_a_server_whose_first_thread_only_sleeps_is_correct() -> None:
    code = SERVES_IN_THREADS.format(modules="time", waits="while True: time.sleep(1)")
    assert checked("echo_server", code).outcome == "correct"


def test_sleep_is_as_before_when_the_check_is_over() -> None:
    plain = time.sleep
    with program(SLEEPS_FIRST.format(sleep="sleep"), "read_exactly") as function:
        get("read_exactly").check(function)
        assert function.__globals__["sleep"] is plain
    assert time.sleep is plain


def test_what_sleep_refuses_is_refused() -> None:
    code = "import time\ndef read_exactly(sock, n):\n    time.sleep({})\n"
    for wrong, error in ((-1, "ValueError"), ("'1'", "TypeError")):
        report = checked("read_exactly", code.format(wrong))
        assert report.facts["ended"] == f"raised {error}"
