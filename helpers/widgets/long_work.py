"""A bar for work that takes a while.

Rules of this file:

- Without a live page the text says what is done and how much of it, and nothing of how far it is.
- The page is told at most ten times a second, and at the end. Any thread may do the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sized
from types import TracebackType
from typing import Any

import ipywidgets
from IPython.display import display

from helpers.course.bar import bar_html
from helpers.widgets.saying import WORDS
from helpers.widgets.showing import LiveView

PERIOD = 0.1
"""Seconds between two changes of the bar: nobody reads faster, and a message to the page costs."""


class ProgressBar(LiveView):
    """A bar that grows by `add(n)`, or by itself while one goes through what it was given."""

    def __init__(self, work: int | Iterable[Any], label: str) -> None:
        self._work: Iterable[Any] = range(work) if isinstance(work, int) else work
        if not isinstance(self._work, Sized):
            raise TypeError(WORDS("bar unknown", given=f"{work!r:.60}"))
        self.label, self.total, self.done = label, len(self._work), 0
        self._page: ipywidgets.HTML | None = None
        self._next = 0.0
        self._lock = threading.Lock()  # guards `done`, and the order of what the page is told

    def text(self) -> str:
        """What is done, and how much of it there is."""
        return WORDS("bar text", label=self.label, count=f"{self.total:,}")

    def widget(self) -> ipywidgets.HTML:
        """The bar. It is made when it is first shown."""
        with self._lock:
            if self._page is None:
                self._page = ipywidgets.HTML(self._drawn())
            return self._page

    def __enter__(self) -> ProgressBar:
        """Show the bar."""
        display(self)  # type: ignore[no-untyped-call]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show how far it came."""
        with self._lock:
            self._tell()

    def __iter__(self) -> Iterator[Any]:
        with self:
            for each in self._work:
                yield each
                self.add(1)

    def add(self, steps: int) -> None:
        """So much more is done."""
        with self._lock:
            self.done = min(self.total, self.done + steps)
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + PERIOD
                self._tell()

    def _tell(self) -> None:
        if self._page is not None:
            self._page.value = self._drawn()

    def _drawn(self) -> str:
        part = 100 * self.done // self.total if self.total else 100
        words = WORDS("bar part", label=self.label, part=part)
        return bar_html(self.done, max(1, self.total), self.label, words)
