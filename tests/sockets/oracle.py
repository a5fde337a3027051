"""Runs classes of CPython's own `test.test_socket` with the recording class in place.

Usage: `python oracle.py [--as-on-windows | --as-on-macos] CLASS [CLASS ...]`. A script, not a test
module: it needs a process of its own, where nothing else has touched the sockets.

With `--as-on-windows` the recorder takes the way that it takes where the system has no poll()
and no MSG_DONTWAIT: it waits in select(), and looks whether a socket is ready before each call.
With `--as-on-macos` it takes the way of a system where send() takes no notice of MSG_DONTWAIT.
"""

from __future__ import annotations

import sys
import unittest
from types import SimpleNamespace

from helpers.record import wakeup
from helpers.record.record import record
from helpers.sockets.attempts import OnMacOS, OnWindows, of_this_system
from helpers.sockets.install import install

AS_ON_WINDOWS, AS_ON_MACOS = "--as-on-windows", "--as-on-macos"


def main() -> int:
    """Run the classes that the command line names. Returns the exit code."""
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    attempts = of_this_system()
    if AS_ON_MACOS in sys.argv:
        attempts = OnMacOS()
    if AS_ON_WINDOWS in sys.argv:
        attempts = OnWindows()
        wakeup.sys = SimpleNamespace(platform="win32")  # type: ignore[attr-defined]
    install(attempts)
    record.waiting.patience = 60.0
    from test import support, test_socket

    support.use_resources = ["network"]
    test_socket.setUpModule()
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(getattr(test_socket, name)) for name in names
    )
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    print(f"{len(record.events())} calls recorded")
    return 0 if outcome.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
