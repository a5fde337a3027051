"""Whether a signal handler of the program may end a wait.

Python runs it in the main thread, also while that waits (PEP 475), and it may do anything: send
what another thread waits for, or raise. So while a timer is armed that will run one, no wait is
without end, and where any is installed, another program may send its signal (man 7 signal).

Rules of this file: it only asks, and changes nothing. Handlers of Jupyter's own do not count, nor
does Ctrl-C: it can always come.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

from helpers.record.actors import IGNORED_PACKAGES

_TIMERS = tuple(
    (getattr(signal, which), getattr(signal, rings))
    for which, rings in (
        ("ITIMER_REAL", "SIGALRM"),
        ("ITIMER_VIRTUAL", "SIGVTALRM"),
        ("ITIMER_PROF", "SIGPROF"),
    )
    if hasattr(signal, which)
)
"""Windows has none. alarm() is the first of them (man 2 alarm)."""


def timer_is_armed() -> bool:
    """Whether a timer will ring for which the program has not said that it is ignored."""
    return any(
        signal.getitimer(which)[0] > 0 and signal.getsignal(rings) != signal.SIG_IGN
        for which, rings in _TIMERS
    )


def may_come() -> bool:
    """Whether a handler of the program may run: by a timer, or since somebody sends a signal."""
    return timer_is_armed() or any(_is_the_programs(each) for each in _handlers())


def _handlers() -> Iterator[Any]:
    for each in signal.valid_signals():
        yield signal.getsignal(each)


def _is_the_programs(handler: Any) -> bool:
    if not callable(handler) or handler is signal.default_int_handler:
        return False
    handler = getattr(handler, "func", handler)  # asyncio.run() has a partial of its own method
    package = str(getattr(handler, "__module__", "")).partition(".")[0]
    return package not in IGNORED_PACKAGES and package not in ("IPython", "asyncio", "signal")
