"""What a live server prints goes to the server's log, never into a cell.

A thread's `print` would land in whichever cell runs at that moment. So while a live server
runs, `sys.stdout` and `sys.stderr` are wrapped: text from a server's thread goes to its log,
text from everybody else goes where it always went.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from typing import Any

LINES_KEPT = 1000
"""A log keeps its last lines; a server that prints for ever fills no memory."""

LINE_KEPT = 2000
"""Characters kept of each line."""


class Log:
    """The lines that one server printed."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque([""], maxlen=LINES_KEPT)
        self._lock = threading.Lock()

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
        log = _logs.get(threading.get_ident())
        if log is None:
            return int(self._stream.write(text) or 0)
        return log.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


_logs: dict[int, Log] = {}
"""The running servers' logs, by thread. A plain dict: each thread touches its own entry."""


def send_to(log: Log) -> None:
    """The running thread prints to `log` from now on."""
    _logs[threading.get_ident()] = log


def send_back() -> None:
    """The running thread's print is an ordinary one again."""
    _logs.pop(threading.get_ident(), None)


def divert() -> None:
    """Wrap both streams, unless they are wrapped already."""
    if not isinstance(sys.stdout, _Switch):
        sys.stdout = _Switch(sys.stdout)
    if not isinstance(sys.stderr, _Switch):
        sys.stderr = _Switch(sys.stderr)


def restore() -> None:
    """Unwrap both streams."""
    if isinstance(sys.stdout, _Switch):
        sys.stdout = sys.stdout._stream
    if isinstance(sys.stderr, _Switch):
        sys.stderr = sys.stderr._stream
