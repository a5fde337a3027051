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
    before = 0
    """Bytes that were held at the beginning."""

    def now(self) -> int:
        """Bytes that are held at this moment, inside the block."""
        return self._without_the_record(tracemalloc.get_traced_memory()[0])

    def _without_the_record(self, size: int) -> int:
        size = max(0, size - self.before)
        if size > MUCH_MEMORY:
            by_file = tracemalloc.take_snapshot().statistics("filename")
            own = [each for each in by_file if each.traceback[0].filename.startswith(_OWN)]
            size -= sum(each.size for each in own)
        return size


@contextmanager
def measured() -> Iterator[Memory]:
    """Measure how much memory is held at once inside the block.

    What the record of many calls holds is not the function's, and is left out.
    """
    memory = Memory()
    was_tracing = tracemalloc.is_tracing()
    if not was_tracing:
        tracemalloc.start()
    memory.before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    try:
        yield memory
    finally:
        memory.peak = memory._without_the_record(tracemalloc.get_traced_memory()[1])
        if not was_tracing:
            tracemalloc.stop()
