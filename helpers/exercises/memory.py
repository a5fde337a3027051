"""How much memory a program holds at once."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import helpers

MUCH_MEMORY = 1_000_000
"""Bytes of memory, from which it is worth knowing whose they are."""

_OWN = str(Path(helpers.__file__).parent)
"""Where the record allocates its memory."""


class Memory:
    """What was measured."""

    peak = 0
    """Bytes that were held at once."""


@contextmanager
def measured() -> Iterator[Memory]:
    """Measure how much memory is held at once inside the block.

    What the record of many calls holds is not the function's, and is left out.
    """
    memory = Memory()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield memory
    finally:
        memory.peak = max(0, tracemalloc.get_traced_memory()[1] - before)
        if memory.peak > MUCH_MEMORY:
            by_file = tracemalloc.take_snapshot().statistics("filename")
            memory.peak -= sum(
                each.size for each in by_file if each.traceback[0].filename.startswith(_OWN)
            )
        if not was_tracing:
            tracemalloc.stop()
