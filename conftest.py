"""What holds for all that pytest runs here: the tests, and every notebook.

- What a learner has done on this machine is neither read nor changed.
- A kernel's ports are its own (tools/kernels.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

from tools import kernels

PRIVATE = tempfile.mkdtemp(prefix="socket-course-tests-")
"""The folder of IPython, and of the learner's progress."""


def pytest_configure() -> None:
    # A shell lets the programs that it starts in the background ignore Ctrl-C, and their children.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Before the first kernel starts: those of nbval take this environment with them.
    os.environ["SOCKET_COURSE_DATA"] = os.environ["IPYTHONDIR"] = PRIVATE
    kernels.hold_ports()


def pytest_unconfigure() -> None:
    shutil.rmtree(PRIVATE, ignore_errors=True)
