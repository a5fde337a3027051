"""Errors that a function makes itself, and that nobody is told of: an `except` hides them.

Rules of this file:

- They are looked for where a function has failed already, in one more run of the same scenario:
  a trace function in each new thread takes time (`threading.settrace`).
- Only errors count that no program means to raise: a wrong type, a wrong name, a wrong attribute.
- One that comes out of the function, or out of a thread, is told elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from helpers.libraries import is_library
from helpers.text import error_text, visible

NEVER_MEANT = (TypeError, NameError, AttributeError)
"""Errors that say: this line is wrong. Others are often raised in order to be caught."""

TEXT_SHOWN = 200


class Caught(NamedTuple):
    """An error that did not come out."""

    line: int
    text: str


class Errors:
    """Those that the learner's lines have raised so far."""

    def __init__(self) -> None:
        self._raised: list[tuple[BaseException, int]] = []

    def called(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any] | None:
        """The trace function: it looks at the learner's own functions only."""
        if is_library(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        return self._inside

    def _inside(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        error = argument[1] if event == "exception" else None
        if isinstance(error, NEVER_MEANT) and all(error is not each for each, _ in self._raised):
            self._raised.append((error, frame.f_lineno))  # and not in each frame on its way out
        return self._inside

    def hidden(self, told: Iterable[BaseException | None]) -> Caught | None:
        """The first of them that is none of those that were told, nor a reason of one.

        Several threads may fail in the same way, and one of them is told: the text says enough.
        """
        known: dict[int, str] = {}
        for error in told:
            while error is not None and id(error) not in known:
                known[id(error)] = _text(error)
                error = error.__cause__ or error.__context__
        for error, line in self._raised:
            if _text(error) not in known.values():
                return Caught(line, _text(error))
        return None


def _text(error: BaseException) -> str:
    return visible(error_text(error).partition("\n")[0][:TEXT_SHOWN])


@contextmanager
def watched_errors() -> Iterator[Errors]:
    """Threads that start inside the block are looked at."""
    errors, before = Errors(), threading.gettrace()
    threading.settrace(errors.called)
    try:
        yield errors
    finally:
        threading.settrace(before)
        errors._raised.clear()  # each error has frames, and these have the learner's sockets
