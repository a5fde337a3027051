"""What Python calls for an error that nobody catches, in a thread or in the main program.

Rules of this file:

- The hook that was there is called, with a traceback that shows no frame of the recorder.
- A thread that was stopped has not failed: nothing is shown of it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from helpers.record.model import Stopped
from helpers.tracebacks import without_own_frames

_before: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
"""The hooks of threads and of the program, as they were."""


def install() -> None:
    """Come before the hooks that are there."""
    _before.append((threading.excepthook, sys.excepthook))
    threading.excepthook = _in_thread
    sys.excepthook = _in_program


def uninstall() -> None:
    """Put them back. One that somebody has replaced since stays."""
    in_thread, in_program = _before.pop()
    if threading.excepthook is _in_thread:
        threading.excepthook = in_thread
    if sys.excepthook is _in_program:
        sys.excepthook = in_program


def _in_thread(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, Stopped):
        return
    trace = args.exc_traceback
    if args.exc_value is not None:
        trace = without_own_frames(args.exc_value, trace)
    plain = _before[-1][0] if _before else threading.__excepthook__
    plain(threading.ExceptHookArgs((args.exc_type, args.exc_value, trace, args.thread)))


def _in_program(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    plain = _before[-1][1] if _before else sys.__excepthook__
    plain(kind, error, without_own_frames(error, trace))
