"""After a check all is as before: threads, descriptors, children, streams, and what is global."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from itertools import chain
from typing import Any

import leaks
import pytest
from judged import SERVES_IN_THREADS, get, solution

from helpers import recording
from helpers.exercises.folder import load
from helpers.record import signals
from helpers.record.actors import ThreadEnd
from helpers.record.model import Stopped
from helpers.record.record import record

WAITS = {
    "a queue": ("queue", "queue.Queue().get()"),
    "a SimpleQueue": ("queue", "todo = queue.SimpleQueue(); todo.get()"),
    "an Event": ("socket", "threading.Event().wait()"),
    "a Condition": ("socket", "with (c := threading.Condition()): c.wait()"),
    "a Barrier": ("socket", "threading.Barrier(2).wait()"),
    "a Semaphore": ("socket", "threading.Semaphore(0).acquire()"),
    "a lock": ("socket", "lock = threading.Lock(); lock.acquire(); lock.acquire()"),
    "a thread": ("queue", "t = threading.Thread(target=queue.Queue().get); t.start(); t.join()"),
}


def left_by(name: str, code: str) -> tuple[str, list[str]]:
    """The outcome of a check, and what is there behind it that was not there before."""
    function = load(code, name, "program")
    streams = sys.stdout, sys.stderr
    with recording():
        get(name).check(load(solution(name), name, "right"))  # what is loaded once is loaded
        before = leaks.threads(), leaks.descriptors(), leaks.children()
        report = get(name).check(function)
        assert not report.still_running
        with record.lock.hold():
            pass  # what was told by threads that have ended is done now
        now = (leaks.threads, leaks.descriptors, leaks.children)
        left = [
            each for look, had in zip(now, before, strict=True) for each in leaks.left(look, had)
        ]
    assert (sys.stdout, sys.stderr) == streams
    return report.outcome, [*chain(*left)]


@pytest.mark.linux_only  # elsewhere nobody tells that a thread waits in C
@pytest.mark.parametrize("where", WAITS)
def test_a_thread_that_waits_for_another_is_ended(where: str) -> None:
    modules, waits = WAITS[where]
    code = SERVES_IN_THREADS.format(modules=modules, waits=waits)
    assert left_by("echo_server", code) == ("correct", [])


IN_A_CHILD = {
    "fork": """
import os

def echo_server(listener):
    while True:
        conn, address = listener.accept()
        if not os.fork():
            while data := conn.recv(4096):
                conn.sendall(data)
            os._exit(0)
        conn.close()
""",
    "a fork that comes back": """
import os

def echo_server(listener):
    os.fork()
    while True:
        conn, address = listener.accept()
        conn.close()
""",
    "multiprocessing": """
import multiprocessing

def serve(conn):
    while data := conn.recv(4096):
        conn.sendall(data)

def echo_server(listener):
    fork = multiprocessing.get_context("fork")
    while True:
        conn, address = listener.accept()
        fork.Process(target=serve, args=(conn,)).start()
        conn.close()
""",
    "a child of a child": """
import os, time

def echo_server(listener):
    if not os.fork():
        os.fork()
        time.sleep(100)
        os._exit(0)
    listener.accept()
""",
}


@pytest.mark.posix_only
@pytest.mark.parametrize("how", IN_A_CHILD)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_ends_with_the_check_which_says_that_it_saw_nothing(how: str) -> None:
    assert left_by("echo_server", IN_A_CHILD[how]) == ("cannot check", [])
    report = get("echo_server").check(load(IN_A_CHILD[how], "echo_server", "program"))
    assert "started a child process" in " ".join(str(report).split())
    assert report.mistake == ""


PROGRAM = """
import subprocess, sys

def read_exactly(sock, n):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data
"""


def test_a_program_that_was_started_ends_with_the_check() -> None:
    assert left_by("read_exactly", PROGRAM) == ("correct", [])


CHANGES: dict[str, tuple[str, Callable[[], Any]]] = {
    "the default timeout": ("socket.setdefaulttimeout(1)", socket.getdefaulttimeout),
    "a trace function": ("threading.settrace(print)", threading.gettrace),
    "a profile function": ("threading.setprofile(print)", threading.getprofile),
    "the streams": ("sys.stdout = sys.stderr = io.StringIO()", lambda: (sys.stdout, sys.stderr)),
    "the folder": ("os.chdir('/')", os.getcwd),
    "the environment": ("os.environ['A'] = 'b'", lambda: dict(os.environ)),
    "the recursion limit": ("sys.setrecursionlimit(3000)", sys.getrecursionlimit),
    "the class": ("socket.socket = type('Own', (socket.socket,), {})", lambda: socket.socket),
    "a function": ("socket.create_server = print", lambda: socket.create_server),
    "what is told of threads": ("threading.excepthook = print", lambda: threading.excepthook),
}
if hasattr(os, "fork"):
    CHANGES["a timer"] = ("signal.alarm(1000)", signals.timer_is_armed)


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_function_changes_for_all_is_as_before(what: str) -> None:
    change, look = CHANGES[what]
    modules = "import io, os, signal, socket, sys, threading"
    code = f"{modules}\n\ndef read_exactly(sock, n):\n    {change}\n"
    with recording():
        before = look()
        assert get("read_exactly").check(load(code, "read_exactly", "program")).outcome
        assert look() == before


DETACHED = """
import socket

def ask(address, question):
    sock = socket.create_connection(address)
    {first}
    sock.sendall(question)
    sock.shutdown(socket.SHUT_WR)
    reply = b""
    while piece := sock.recv(65536):
        reply += piece
    {last}
    return reply
"""
AGAIN = "sock = socket.socket(fileno=sock.detach())"


@pytest.mark.posix_only  # elsewhere nobody tells which open file has a number
@pytest.mark.parametrize("first", ["pass", AGAIN])
@pytest.mark.parametrize("last", ["sock.detach()", f"{AGAIN}; sock.close()", f"{AGAIN}; del sock"])
def test_a_descriptor_that_was_taken_out_of_its_socket_is_closed(first: str, last: str) -> None:
    outcome, left = left_by("ask", DETACHED.format(first=first, last=last))
    assert left == []
    assert outcome == "incorrect" or last != "sock.detach()"


def test_sockets_that_the_learner_had_before_stay_open() -> None:
    with recording(), socket.socket() as first, socket.socket(type=socket.SOCK_DGRAM) as second:
        report = get("open_two").check(lambda: (first, second))
        assert report.outcome == "incorrect"
        assert first.fileno() >= 0
        assert second.fileno() >= 0


def test_what_cannot_be_ended_is_said() -> None:
    """A thread that waits in the system for what is no socket goes on until that comes."""
    reads, writes = os.pipe()
    code = f"import os\n\ndef read_exactly(sock, n):\n    os.read({reads}, 1)\n"
    before = leaks.threads()
    with recording():
        report = get("read_exactly").check(load(code, "read_exactly", "program"))
    assert (report.outcome, report.still_running) == ("cannot check", True)
    assert "still running in the background" in " ".join(str(report).split())
    os.write(writes, b"x")
    for thread in leaks.threads():
        if thread not in before:
            thread.join()  # type: ignore[attr-defined]
    os.close(reads)
    os.close(writes)


def test_a_thread_that_is_interrupted_at_its_very_end_leaves_nothing() -> None:
    """`_bootstrap_inner` raises where a thread would leave the list, as an interruption would."""

    class Interrupted(threading.Thread):
        def _delete(self) -> None:
            raise Stopped

    def check_me(sock: socket.socket, n: int) -> bytes:
        Interrupted(target=int).start()
        return sock.recv(n)

    before = threading.active_count()
    get("read_exactly").check(check_me)
    assert threading.active_count() == before


def test_an_actor_whose_end_was_interrupted_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it may still move: no wait could be judged, and every view would wait for it."""

    def check_me(sock: socket.socket, n: int) -> bytes:
        other = threading.Thread(target=lambda: socket.socketpair()[0].close())
        other.start()
        other.join()
        return sock.recv(n)

    def interrupted(end: ThreadEnd) -> None:
        raise Stopped

    monkeypatch.setattr(ThreadEnd, "__del__", interrupted)
    with recording():
        before = set(record.actors.active)
        get("read_exactly").check(check_me)
        assert record.actors.active == before
