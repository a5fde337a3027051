"""What a function changes and leaves so is found, in whatever exercise."""

from __future__ import annotations

import pytest
from judged import get, program, solution

from helpers.exercises.report import Report


def checked(name: str, code: str) -> Report:
    with program(code, name) as function:
        return get(name).check(function)


def with_a_default(name: str) -> str:
    """The solution, in a function that first sets the limit of all new sockets."""
    return f"""
import socket

{solution(name)}

_solution = {name}

def {name}(*arguments):
    socket.setdefaulttimeout(60)
    return _solution(*arguments)
"""


@pytest.mark.parametrize("name", ["open_two", "greet", "ask", "read_text"])
def test_a_limit_for_the_whole_program_is_found(name: str) -> None:
    report = checked(name, with_a_default(name))
    assert report.outcome == "incorrect"
    assert report.mistake == "it changes the limit of the whole program"


@pytest.mark.parametrize("name", ["open_listener", "restart"])
def test_a_limit_of_a_listener_is_found(name: str) -> None:
    code = f"""
{solution(name)}

_solution = {name}

def {name}(*arguments):
    listener = _solution(*arguments)
    listener.settimeout(5)
    return listener
"""
    report = checked(name, code)
    assert (report.outcome, report.mistake) == ("incorrect", "the listener has a time limit")


@pytest.mark.posix_only
def test_the_state_of_a_descriptor_is_found_where_python_does_not_know_it() -> None:
    code = f"""
import os
import socket

{solution("send_all")}

_solution = send_all

def send_all(sock, data):
    _solution(sock, data)
    twin = socket.socket(fileno=sock.fileno())
    os.set_blocking(twin.fileno(), True)
    twin.detach()
"""
    report = checked("send_all", code)
    assert report.outcome == "incorrect"
    assert report.facts["blocking_mode"] == "changed"


LOOKS_AGAIN = """
import socket

def read_exactly(sock, n):
    while len(sock.recv(n, socket.MSG_PEEK)) < n:
        pass
    return sock.recv(n)
"""

ASKS_AGAIN = """
import select

def send_all(sock, data):
    view = memoryview(data).cast("B")
    while view:
        if select.select([], [sock], [], 0)[1]:
            view = view[sock.send(view):]
"""


@pytest.mark.parametrize(
    ("name", "code"), [("read_exactly", LOOKS_AGAIN), ("send_all", ASKS_AGAIN)]
)
def test_who_asks_again_and_again_is_told_so(name: str, code: str) -> None:
    report = checked(name, code)
    assert (report.outcome, report.facts["ended"]) == ("incorrect", "polls")
