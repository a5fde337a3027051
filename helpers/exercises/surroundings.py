"""What a check changes for the whole program while it runs, and puts back."""

from __future__ import annotations

import _thread
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from helpers.record.record import record


def _start_known_thread(function: Callable[..., Any], args: Any, kwargs: Any = None) -> int:
    """`_thread.start_new_thread`, for a thread that `threading` knows from its beginning."""
    thread = threading.Thread(target=function, args=args, kwargs=kwargs, daemon=True)
    thread.start()
    assert thread.ident is not None
    return thread.ident


@contextmanager
def surroundings(thread_failed: Callable[[threading.ExceptHookArgs], Any]) -> Iterator[None]:
    """A send may take a part only, nobody from outside is waited for, no default timeout.

    `thread_failed` is told of each thread that fails. Sockets that are left open are told in a
    fact, and not by a warning.
    """
    patience, timeout, hook = (
        record.waiting.patience,
        socket.getdefaulttimeout(),
        threading.excepthook,
    )
    start_new_thread = _thread.start_new_thread
    _thread.start_new_thread = _start_known_thread
    record.loopback_only = record.short_sends = True
    threading.excepthook = thread_failed
    socket.setdefaulttimeout(None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            yield
    finally:
        _thread.start_new_thread = start_new_thread
        threading.excepthook = hook
        record.waiting.patience = patience
        record.loopback_only = record.short_sends = False
        record.refused_binds = 0
        socket.setdefaulttimeout(timeout)
