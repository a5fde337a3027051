"""The child processes that the learner's function starts: nobody sees what they do, and they end.

Rules of this file:

- A child process records nothing. With a fork it also has copies of all sockets, so a peer that
  waits for an end would wait for ever.
- The system is asked for its list of processes only where a child is started: that takes time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import psutil

_STARTERS = (
    ("_posixsubprocess", "fork_exec"),
    ("subprocess", "_fork_exec"),
    ("_winapi", "CreateProcess"),
)
"""The functions of CPython that start a program: those of subprocess and of multiprocessing."""

ENDING_TIME = 2.0
"""Seconds for a killed process to be gone. Chosen: it needs some thousandths."""

_watchers: list[Children] = []


class Children:
    """The children that are started inside of `watched()`."""

    def __init__(self) -> None:
        self.count = 0
        """How many were started, at least."""
        self.forks = 0
        """How many of them go on in the program of the learner's."""
        self._before: set[psutil.Process] = set()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count the children that are started inside the block. What is left of them then ends."""
        names = [(sys.modules.get(module), name) for module, name in _STARTERS]
        found = [(module, name, getattr(module, name, None)) for module, name in names]
        _watchers.append(self)
        try:
            for module, name, starts in found:
                if starts is not None:
                    setattr(module, name, self._counted(starts))
            yield
        finally:
            _watchers.remove(self)
            for module, name, starts in found:
                if starts is not None:
                    setattr(module, name, starts)
            if self.count:
                self._end()

    def starts(self) -> None:
        """One is about to be started."""
        if not self.count:
            self._before = {*psutil.Process().children()}
        self.count += 1

    def _counted(self, starts: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            self.starts()
            return starts(*args)

        return counted

    def _end(self) -> None:
        """End them, and those that they have started."""
        own = {*psutil.Process().children()} - self._before
        new = {*own}
        for child in own:
            with suppress(psutil.Error):
                new |= {*child.children(recursive=True)}
        for child in new:
            with suppress(psutil.Error):
                child.kill()
        if "multiprocessing" in sys.modules:
            pids = {child.pid for child in new}
            for process in import_module("multiprocessing").active_children():
                if process.pid in pids:
                    process.join(ENDING_TIME)  # it knows then that its child has ended
        psutil.wait_procs(own, ENDING_TIME)  # nobody but their parent waits for the others


def _fork_begins() -> None:
    for each in _watchers:
        each.forks += 1
        each.starts()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_fork_begins)
