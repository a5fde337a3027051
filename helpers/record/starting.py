"""Who is told that a thread starts another one: the one place that wraps `Thread.start`.

Rules of this file:

- The plain method is called as it is. Who is told must be quick, and never fail.
- It is wrapped only as long as somebody is to be told.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

_plain_start = threading.Thread.start
_told: tuple[Callable[[threading.Thread], None], ...] = ()


@functools.wraps(_plain_start)
def _start(thread: threading.Thread) -> None:
    for tell in _told:
        tell(thread)
    _plain_start(thread)


def subscribe(tell: Callable[[threading.Thread], None]) -> None:
    """Call `tell` with each thread, just before it starts, in the thread that starts it."""
    global _told
    if tell not in _told:
        _told = (*_told, tell)
    threading.Thread.start = _start  # type: ignore[method-assign, assignment]


def unsubscribe(tell: Callable[[threading.Thread], None]) -> None:
    """Call it no more. Does nothing if it was not to be called."""
    global _told
    _told = tuple(each for each in _told if each != tell)
    if not _told and threading.Thread.start is _start:
        threading.Thread.start = _plain_start  # type: ignore[method-assign]
