"""What a live server prints goes to the server's log, never into a cell.

A thread's `print` would land in whichever cell runs at that moment. So while a live server
runs, `sys.stdout` and `sys.stderr` are wrapped: text from a server's thread, and from the
threads that this one has started, goes to its log. Text from everybody else goes where it
always went.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections import deque
from typing import Any

from helpers.record import starting

LINES_KEPT = 1000
"""A log keeps its last lines; a server that prints for ever fills no memory."""

LINE_KEPT = 2000
"""Characters kept of each line."""


class Log:
    """The lines that one server printed."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque([""], maxlen=LINES_KEPT)
        self._lock = threading.RLock()
        """Guards the lines. A finalizer may print while its own thread holds it."""

    def write(self, text: str) -> int:
        """Take printed text, which may be part of a line."""
        with self._lock:
            first, *more = text.split("\n")
            self._lines[-1] = (self._lines[-1] + first)[:LINE_KEPT]
            self._lines.extend(line[:LINE_KEPT] for line in more)
        return len(text)

    def __str__(self) -> str:
        with self._lock:
            return "\n".join(self._lines)


class _Switch:
    """Stands in for a stream: the threads that have a log write there."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        log = _logs.get(threading.current_thread())
        if log is None:
            return int(self._stream.write(text) or 0)
        return log.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_logs: weakref.WeakKeyDictionary[threading.Thread, Log] = weakref.WeakKeyDictionary()
"""The logs of the servers' threads, and of the threads that these have started."""


def send_to(log: Log, thread: threading.Thread) -> None:
    """The thread prints to `log`, and so does each thread that it starts."""
    _logs[thread] = log


def _inherit(thread: threading.Thread) -> None:
    log = _logs.get(threading.current_thread())
    if log is not None:
        _logs[thread] = log


def threads_with(log: Log) -> list[threading.Thread]:
    """The threads that print to this log: the server's, and those that it has started."""
    return [each for each, its_log in list(_logs.items()) if its_log is log]


def divert() -> None:
    """Wrap both streams, unless they are wrapped already."""
    starting.subscribe(_inherit)
    if not isinstance(sys.stdout, _Switch):
        sys.stdout = _Switch(sys.stdout)
    if not isinstance(sys.stderr, _Switch):
        sys.stderr = _Switch(sys.stderr)


def are_diverted() -> bool:
    """Whether one of the streams is wrapped."""
    return isinstance(sys.stdout, _Switch) or isinstance(sys.stderr, _Switch)


def restore_if_unused() -> None:
    """Unwrap both streams, unless a thread that has a log is still there."""
    threads = [reference() for reference in _logs.keyrefs()]  # a copy: others enter theirs
    if not any(thread is not None and thread.is_alive() for thread in threads):
        restore()


def restore() -> None:
    """Unwrap both streams."""
    starting.unsubscribe(_inherit)
    if isinstance(sys.stdout, _Switch):
        sys.stdout = sys.stdout._stream
    if isinstance(sys.stderr, _Switch):
        sys.stderr = sys.stderr._stream
