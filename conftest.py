"""What holds for all that pytest runs here: the tests, and every notebook.

- What a learner has done on this machine is neither read nor changed.
- A kernel's ports are its own (tools/kernels.py).
- A machine without IPv6 leaves out the lesson that is about it.
- Of the lessons in another language one is run each day, and all of them in `make weekly`.
- With `-n`, the long tests begin first, and the workers share the rest.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from typing import Any

import pytest

from tools import kernels

PRIVATE = tempfile.mkdtemp(prefix="socket-course-tests-")
"""The folder of IPython, and of the learner's progress."""


def pytest_configure() -> None:
    # A shell lets the programs that it starts in the background ignore Ctrl-C, and their children.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Before the first kernel starts: those of nbval take this environment with them.
    os.environ["SOCKET_COURSE_DATA"] = os.environ["IPYTHONDIR"] = PRIVATE
    os.environ.pop("SOCKET_COURSE_LANG", None)  # a notebook's language is that of its folder
    kernels.hold_ports()


LONG = ("tests/browser/", "tests/soak/", "tests/notebooks/", "tests/exercises/", "notebooks")
"""What takes long, the longest first. Begun last, it would keep one worker when the others end."""

TOGETHER = ("tests/browser/", "tests/soak/")
"""The folders whose tests stay in one worker: those in the browser share one JupyterLab, and those
of the soak keep all cores busy, which is enough of it once at a time."""

SPLIT = ("tests/notebooks/", "tests/exercises/")
"""The folders in which each test function may go to another worker, and not only each file."""


NEED_IPV6 = ("15_names_and_ipv6", "connect_to", "listen_on_both")
"""The lesson that a machine without `::1` cannot run, and its exercises: tests with these names are
left out there."""


EVERY_DAY = "04_connect"
"""The lesson that is run each day in every language: a short one with a live server."""


@pytest.hookimpl(tryfirst=True)  # before the marks decide which tests are left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from helpers.exercises import both_families

    for item in items:
        if item.nodeid.startswith("notebooks_") and EVERY_DAY not in item.nodeid:
            item.add_marker("weekly")
    if not both_families.are_here():
        left_out = [item for item in items if any(name in item.nodeid for name in NEED_IPV6)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: [not item.nodeid.startswith(each) for each in LONG])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of one file stay in one worker, as a notebook's cells must."""
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            for folder in TOGETHER:
                if nodeid.startswith(folder):
                    return folder
            return nodeid.partition("[" if nodeid.startswith(SPLIT) else "::")[0]

    config.option.loadscopereorder = False  # as they are sorted above
    return Shares(config, log)


def pytest_unconfigure() -> None:
    shutil.rmtree(PRIVATE, ignore_errors=True)
