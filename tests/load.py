"""Keeps every core busy: what must hold, must hold on a machine that does something else too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BURNER = """
import sys, threading
tests_run = threading.Thread(target=sys.stdin.read)
tests_run.start()
print(flush=True)
while tests_run.is_alive():
    sum(range(100_000))
"""
"""It ends with the tests, also when these are killed: then its input is at its end."""


@contextmanager
def busy_cores() -> Iterator[None]:
    """Processes that compute inside the block, one for each core."""
    burners = [
        subprocess.Popen(
            [sys.executable, "-S", "-c", BURNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(os.cpu_count() or 2)
    ]
    try:
        for burner in burners:
            assert burner.stdout is not None
            burner.stdout.readline()
        yield
    finally:
        for burner in burners:
            burner.kill()
        for burner in burners:
            burner.communicate()
