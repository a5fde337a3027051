"""Runs classes of CPython's own `test.test_socket` with the recording class in place.

Usage: `python oracle.py [--as-on-windows] CLASS [CLASS ...]`. A script, not a test module: it
needs a process of its own, where nothing else has touched the sockets.

With `--as-on-windows` the recorder takes the way that it takes where the system has no poll()
and no MSG_DONTWAIT: it waits in select() before each call.
"""

from __future__ import annotations

import sys
import unittest
from types import SimpleNamespace

from helpers.record import wakeup
from helpers.record.record import record
from helpers.sockets.attempts import OnWindows
from helpers.sockets.install import install

AS_ON_WINDOWS = "--as-on-windows"


def main() -> int:
    """Run the classes that the command line names. Returns the exit code."""
    names = [name for name in sys.argv[1:] if name != AS_ON_WINDOWS]
    if AS_ON_WINDOWS in sys.argv:
        wakeup.sys = SimpleNamespace(platform="win32")  # type: ignore[attr-defined]
    install(OnWindows() if AS_ON_WINDOWS in sys.argv else None)
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
