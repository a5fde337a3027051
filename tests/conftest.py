"""What holds for every test: nothing is left open, and in CI nothing is skipped.

- A test that leaves a thread, a socket or another file descriptor, or a child process fails,
  with the names of what it left. A fixture of a wider scope (a server for the whole module) may
  keep its own open: it is made before the check begins.
- What a learner has done on this machine is neither read nor changed by a test.
- `@pytest.mark.linux_only`, `posix_only` and `ipv6_only` skip a test where the thing that it
  tests does not exist. Any other skip is for a machine on which something is not installed. CI
  has everything, so there a skip is a failure.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import hypothesis
import psutil
import pytest
from jupyter_core.utils import ensure_event_loop

from tools import kernels

# How fast an example runs says more about the machine than about the code.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

IN_CI = os.environ.get("CI", "") not in ("", "0", "false")

GRACE = 2.0
"""Seconds for what is already ending: a thread in its last line, a child that was just told."""


# --- the process that tests ---------------------------------------------------------------------

PROGRESS = os.path.join(tempfile.gettempdir(), f"socket-course-tests-{os.getpid()}")


def pytest_configure() -> None:
    # A shell lets the programs that it starts in the background ignore Ctrl-C, and their children.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Before the first kernel starts: those of nbval take this environment with them.
    os.environ["SOCKET_COURSE_DATA"] = os.environ["IPYTHONDIR"] = PROGRESS
    kernels.hold_ports()


def pytest_unconfigure() -> None:
    shutil.rmtree(PROGRESS, ignore_errors=True)


@pytest.fixture(scope="session")
def loop_of_jupyter() -> None:
    """Its client makes one event loop, and keeps it as long as the process lives."""
    ensure_event_loop()


# --- skips --------------------------------------------------------------------------------------


def elsewhere(item: pytest.Item) -> str:
    """Why this test cannot run on this system, or nothing."""
    if item.get_closest_marker("linux_only") and sys.platform != "linux":
        return "only on Linux"
    if item.get_closest_marker("posix_only") and os.name != "posix":
        return "not on Windows"
    if item.get_closest_marker("ipv6_only") and not has_ipv6():
        return "this machine has no ::1"
    return ""


@functools.cache
def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def pytest_runtest_setup(item: pytest.Item) -> None:
    if reason := elsewhere(item):
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    expected = hasattr(report, "wasxfail") or elsewhere(item)
    if IN_CI and report.skipped and not expected:
        fail_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    if IN_CI and report.skipped:
        fail_skip(report)
    return report


def fail_skip(report: Any) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"In CI nothing skips. This did: {reason}"


# --- leaks --------------------------------------------------------------------------------------


def threads() -> dict[object, str]:
    """The threads of this process, but for those that carry the tests' own messages."""
    return {
        thread: f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if not type(thread).__module__.startswith("execnet")
    }


def children() -> dict[object, str]:
    """The child processes of this process that still run, or were never waited for."""
    found: dict[object, str] = {}
    for child in psutil.Process().children():
        try:
            found[child] = f"child process {child.pid}: {' '.join(child.cmdline())[:80]}"
        except psutil.ZombieProcess:
            found[child] = f"child process {child.pid}: ended, and nobody waited for it"
        except psutil.NoSuchProcess:
            continue
    return found


def descriptors() -> dict[object, str]:
    """The open file descriptors: all of them on Linux, sockets and files on other systems."""
    if sys.platform == "linux":
        found: dict[object, str] = {}
        for entry in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink(f"/proc/self/fd/{entry}")
            except FileNotFoundError:  # the one that read the folder
                continue
            found[entry, target] = f"descriptor {entry}: {target}"
        return found
    process = psutil.Process()
    # What tells one socket from another: not its state, which changes by itself.
    found = {tuple(each)[:5]: f"socket {each}" for each in process.net_connections(kind="all")}
    if os.name == "posix":
        found |= {file: f"file {file.path}" for file in process.open_files()}
    return found


def addresses() -> dict[str, str]:
    """What the sockets of this process are connected to, by descriptor: for the message."""
    return {
        str(socket.fd): f"{socket.laddr or '-'} to {socket.raddr or '-'} {socket.status}"
        for socket in psutil.Process().net_connections(kind="all")
    }


def left(now: Callable[[], dict[object, str]], before: dict[object, str]) -> list[str]:
    """What is open now and was not before. Waits a little for what is about to end."""
    deadline = time.monotonic() + GRACE
    while True:
        new = {key: text for key, text in now().items() if key not in before}
        if not new or time.monotonic() > deadline:
            return list(new.values())
        for key in new:
            if isinstance(key, threading.Thread):
                key.join(max(0.0, deadline - time.monotonic()))
        time.sleep(0.02)  # a descriptor or a child that is about to go says nothing when it does


def described(leak: str) -> str:
    if leak.startswith("descriptor ") and "socket:" in leak:
        number = leak.split()[1].rstrip(":")
        return f"{leak} {addresses().get(number, '')}".rstrip()
    return leak


@pytest.fixture(autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("may_leave_open"):
        yield
        return
    before = [(look, look()) for look in (threads, children, descriptors)]
    yield
    leaks = [described(leak) for look, seen in before for leak in left(look, seen)]
    if leaks:
        pytest.fail("\n  ".join(["The test left open:", *leaks]), pytrace=False)
