"""The clocks that a learner's function reads while its time is held, as `time.monotonic()`.

All of them stand still together, and go on together (`record/clock.py`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from helpers.exercises.stand_ins import is_ours, standing_in
from helpers.record.clock import Held, clock

_CLOCKS = ("monotonic", "perf_counter", "time")
_THOUSANDTHS, _NANO = 3, 1_000_000_000


@contextmanager
def held(function: Callable[..., Any]) -> Iterator[Held]:
    """Inside the block no time goes by for what the function calls in threads that come later."""
    with clock.hold() as now:
        stand_ins: dict[str, Callable[..., Any]] = {}
        for name in _CLOCKS:
            stand_ins[name] = _stand_in(getattr(time, name), now, _since(name), 1)
            in_nano = f"{name}_ns"
            stand_ins[in_nano] = _stand_in(getattr(time, in_nano), now, _since(name), _NANO)
        with standing_in(function, stand_ins):
            yield now


def _since(name: str) -> float:
    """Seconds by which this clock is ahead of `time.monotonic()`: on Linux some are the same."""
    return float(round(getattr(time, name)() - time.monotonic(), _THOUSANDTHS))


def _stand_in(
    plain: Callable[[], float], now: Held, since: float, units: int
) -> Callable[[], float]:
    def read() -> float:
        if not now.is_mine() or is_ours(sys._getframe(1)):
            return plain()
        return (now.now + since) * units if units == 1 else int((now.now + since) * units)

    read.__name__ = read.__qualname__ = plain.__name__
    return read
