"""Keeps every core busy: what must hold, must hold on a machine that does something else too."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TRIES = 20
"""So often a thing may take longer than it should: another program can have all cores for seconds,
and never each time."""


def quickest(seconds: float, action: Callable[[], object]) -> float:
    """How long the quickest try takes. The first one within `seconds` is the last."""
    best = float("inf")
    for _ in range(TRIES):
        began = time.monotonic()
        action()
        best = min(best, time.monotonic() - began)
        if best < seconds:
            break
    return best


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
