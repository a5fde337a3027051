"""A signal handler may end any wait: none is told as a deadlock before it runs."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import new_connection

from helpers import Deadlock, LiveServer, patience
from helpers.record import signals

pytestmark = [pytest.mark.posix_only, pytest.mark.usefixtures("recorded")]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in (signal.SIGALRM, signal.SIGUSR1)}
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    for each, handler in before.items():
        signal.signal(each, handler)


def on_alarm(act: Callable[[], Any]) -> None:
    signal.signal(signal.SIGALRM, lambda *_: act())


WAITS: dict[str, Callable[[socket.socket], Any]] = {
    "recv": lambda sock: sock.recv(10),
    "recv_into": lambda sock: sock.recv_into(bytearray(10)),
    "select": lambda sock: (select.select([sock], [], []), sock.recv(10)),
    "makefile": lambda sock: sock.makefile("rb").read(1),
}


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("seconds", [0.1, 0.4])
def test_a_timer_ends_a_wait_later_than_any_patience(wait: str, seconds: float) -> None:
    patience(0.15)
    here, there = socket.socketpair()
    with here, there:
        on_alarm(lambda: there.sendall(b"alarm"))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        assert WAITS[wait](here)


def test_a_handler_that_raises_ends_the_wait() -> None:
    def too_late(*_: Any) -> None:
        raise TimeoutError("too late")

    here, there = new_connection()
    with here, there:
        signal.signal(signal.SIGALRM, too_late)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(TimeoutError, match="too late"):
            here.recv(10)


def test_alarm_is_such_a_timer_and_an_ignored_one_is_none() -> None:
    on_alarm(lambda: None)
    signal.alarm(100)
    assert signals.timer_is_armed()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    assert not signals.timer_is_armed()


def test_another_program_may_send_the_signal() -> None:
    here, there = socket.socketpair()
    signal.signal(signal.SIGUSR1, lambda *_: there.sendall(b"signal"))
    code = "import os, sys, time; time.sleep(0.3); os.kill(int(sys.argv[1]), 10)"
    with here, there, subprocess.Popen([sys.executable, "-c", code, str(os.getpid())]):
        assert here.recv(10) == b"signal"


def test_a_descriptor_for_signals_may_be_written_to() -> None:
    """signal.set_wakeup_fd(): Python writes to it, and no recorded call does."""
    here, there = socket.socketpair()
    there.setblocking(False)
    on_alarm(lambda: None)
    before = signal.set_wakeup_fd(there.fileno())
    try:
        with here, there:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            assert here.recv(10) == bytes([signal.SIGALRM])
    finally:
        signal.set_wakeup_fd(before)


def test_after_the_timer_a_deadlock_is_told_again() -> None:
    here, there = socket.socketpair()
    with here, there:
        on_alarm(lambda: None)
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        patience(0.3)
        with pytest.raises(Deadlock):
            here.recv(10)


def test_handlers_of_jupyter_and_ctrl_c_do_not_count() -> None:
    assert not signals.may_come()
    on_alarm(lambda: None)
    assert signals.may_come()


# A thread that is busy


def slow(busy: Callable[[], None]) -> Callable[[socket.socket], None]:
    def server(listener: socket.socket) -> None:
        with listener.accept()[0] as conn:
            conn.recv(10)
            busy()
            conn.sendall(b"at last")

    return server


def compute() -> None:
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        sum(range(1000))


BUSY: dict[str, Callable[[], None]] = {
    "sleeps": lambda: time.sleep(0.5),
    "computes": compute,
    "waits for a lock": lambda: [threading.Event().wait(0.5), None][1],
}


@pytest.mark.parametrize("busy", BUSY)
@pytest.mark.parametrize("wait", ["recv", "select"])
def test_who_is_only_busy_is_waited_for(listener: socket.socket, busy: str, wait: str) -> None:
    patience(0.1)
    with (
        LiveServer(slow(BUSY[busy]), listener),
        socket.create_connection(listener.getsockname()) as client,
    ):
        client.sendall(b"x")
        if wait == "select":
            assert select.select([client], [], []) == ([client], [], [])
        assert client.recv(10) == b"at last"


def test_whom_a_busy_one_holds_up_is_waited_for(listener: socket.socket) -> None:
    """The cell waits for one server, which waits for another, which sleeps."""
    begun = threading.Event()

    def sleeps() -> None:
        begun.set()
        time.sleep(0.5)

    def middle() -> None:
        with (
            socket.create_server(("127.0.0.1", 0)) as own,
            socket.create_connection(listener.getsockname()) as onward,
            own.accept()[0] as conn,
        ):
            onward.sendall(conn.recv(10))
            conn.sendall(onward.recv(10))

    patience(0.1)
    with (
        LiveServer(slow(sleeps), listener),
        LiveServer(middle) as between,
        socket.create_connection(between.address) as client,
    ):
        client.sendall(b"x")
        assert begun.wait(60)
        assert client.recv(10) == b"at last"
