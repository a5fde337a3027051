"""What holds for every test: nothing is left open, and in CI nothing is skipped.

- A test that leaves a thread, a socket or another file descriptor, or a child process fails,
  with the names of what it left. A fixture of a wider scope (a server for the whole module) may
  keep its own open: it is made before the check begins.
  What it left is then ended, so that the tests behind it do not fail for it.
- `@pytest.mark.linux_only`, `posix_only` and `ipv6_only` skip a test where the thing that it
  tests does not exist. Any other skip is for a machine on which something is not installed. CI
  has everything, so there a skip is a failure.
"""

from __future__ import annotations

import functools
import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from jupyter_core.utils import ensure_event_loop
from leaks import children, described, descriptors, end_what_is_left, left, threads
from servers import HERE, Connection, new_connection

from helpers import recording
from helpers.record.record import record

if TYPE_CHECKING:
    from tls_programs import TLS

# How fast an example runs says more about the machine than about the code.
hypothesis.settings.register_profile("course", deadline=None)
hypothesis.settings.load_profile("course")

IN_CI = os.environ.get("CI", "") not in ("", "0", "false")


def pytest_collection_finish() -> None:
    """No test waits for the garbage collector: the thread that it interrupts stands still.

    What 4,000 tests are made of takes it 0.2 s each time, and is never garbage.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def loop_of_jupyter() -> None:
    """Its client makes one event loop, and keeps it as long as the process lives."""
    ensure_event_loop()


# --- sockets ------------------------------------------------------------------------------------


@pytest.fixture
def recorded() -> Iterator[None]:
    """Sockets are recorded, and a cell has the patience that it always has."""
    before = record.waiting.patience
    with recording():
        yield
    record.waiting.patience = before


@pytest.fixture
def listener(recorded: None) -> Iterator[socket.socket]:
    with socket.create_server(HERE) as made:
        yield made


@pytest.fixture
def connection(recorded: None) -> Iterator[Connection]:
    client, conn = new_connection()
    with client, conn:
        yield client, conn


@pytest.fixture(scope="session")
def tls() -> TLS:
    """A context for each side. Made before anything is recorded, as at the top of a module."""
    import ssl  # most tests need none of these

    import trustme
    from tls_programs import NAME, TLS

    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(NAME, HERE[0]).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return TLS(server, client)


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


@pytest.fixture(autouse=True)
def _nothing_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("may_leave_open"):
        yield
        return
    before = [(look, look()) for look in (threads, children, descriptors)]
    yield
    leaks = [described(leak) for look, seen in before for leak in left(look, seen)]
    if leaks:
        end_what_is_left(*(seen for _, seen in before))
        pytest.fail("\n  ".join(["The test left open:", *leaks]), pytrace=False)
