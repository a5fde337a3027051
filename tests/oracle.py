"""Runs classes of CPython's own `test.test_socket` with the recording class in place.

Usage: `python oracle.py CLASS [CLASS ...]`. A script, not a test module: it needs a process of
its own, where nothing else has touched the sockets.
"""

from __future__ import annotations

import sys
import unittest

from helpers.record import record
from helpers.recorder import install


def main() -> int:
    """Run the classes that the command line names. Returns the exit code."""
    install()
    record.patience = 60.0
    from test import support, test_socket

    support.use_resources = ["network"]
    test_socket.setUpModule()
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(getattr(test_socket, name)) for name in sys.argv[1:]
    )
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    print(f"{len(record.events())} calls recorded")
    return 0 if outcome.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
