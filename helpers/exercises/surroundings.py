"""What a check changes for the whole program while it runs, and puts back."""

from __future__ import annotations

import _thread
import os
import re
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from helpers.exercises import fair_time
from helpers.live import printed
from helpers.record import signals
from helpers.record.model import Stopped
from helpers.record.record import record


def _start_known_thread(function: Callable[..., Any], args: Any, kwargs: Any = None) -> int:
    """`_thread.start_new_thread`, for a thread that `threading` knows from its beginning."""
    thread = threading.Thread(target=function, args=args, kwargs=kwargs, daemon=True)
    thread.start()
    assert thread.ident is not None
    return thread.ident


_SOCKET_NAMES = ("socket", "create_server", "create_connection", "socketpair", "getaddrinfo")
"""Names of the module socket that a program may have replaced."""


@contextmanager
def _as_before() -> Iterator[None]:
    """What a function can change for the whole program is as before behind the block."""
    names = {name: getattr(socket, name) for name in _SOCKET_NAMES}
    streams = sys.stdout, sys.stderr
    trace, profile, limit = threading.gettrace(), threading.getprofile(), sys.getrecursionlimit()
    folder, environment = os.getcwd(), dict(os.environ)
    timer = signals.timer_is_armed()
    try:
        yield
    finally:
        for name, value in names.items():
            setattr(socket, name, value)
        printed.restore_if_unused()
        if not printed.are_diverted():
            sys.stdout, sys.stderr = streams
        threading.settrace(trace)
        threading.setprofile(profile)
        with suppress(RecursionError):
            sys.setrecursionlimit(limit)
        with suppress(OSError):
            os.chdir(folder)
        if environment != dict(os.environ):
            os.environ.clear()
            os.environ.update(environment)
        if not timer and signals.timer_is_armed():
            signal.setitimer(signal.ITIMER_REAL, 0)


_unraisable: list[Callable[[Any], Any]] = []
"""What was told of errors that nobody can catch, before the checks that run now."""


def _tell_but_stopped(told: Any) -> None:
    """A thread that is interrupted at its very end says so to nobody."""
    if not issubclass(told.exc_type, Stopped) and _unraisable:
        _unraisable[-1](told)


_NEVER_AWAITED = re.compile(r"coroutine '(?:\S+\.)?(\w+)' was never awaited")
"""What Python says of a coroutine that is thrown away."""


def _notes_never_awaited(note: Callable[[str], Any]) -> Callable[..., None]:
    """What stands in for `warnings.showwarning`: such a coroutine is noted, and not printed."""
    plain = warnings.showwarning

    def show(message: Any, category: Any, *where: Any, **more: Any) -> None:
        if found := _NEVER_AWAITED.search(str(message)):
            note(found[1])
        else:
            plain(message, category, *where, **more)

    return show


@contextmanager
def surroundings(
    thread_failed: Callable[[threading.ExceptHookArgs], Any], never_awaited: Callable[[str], Any]
) -> Iterator[None]:
    """A send may take a part only, nobody from outside is waited for, no default timeout.

    `thread_failed` is told of each thread that fails, and `never_awaited` of the function of each
    coroutine that is thrown away before it has run. Sockets that are left open are told in a
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
    _unraisable.append(sys.unraisablehook)
    sys.unraisablehook = _tell_but_stopped
    at_end, record.actors.at_end = record.actors.at_end, fair_time.note_the_end
    socket.setdefaulttimeout(None)
    try:
        with _as_before(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            warnings.filterwarnings("always", "coroutine .* was never awaited", RuntimeWarning)
            warnings.showwarning = _notes_never_awaited(never_awaited)
            yield
    finally:
        _thread.start_new_thread = start_new_thread
        threading.excepthook = hook
        record.actors.at_end = at_end
        sys.unraisablehook = _unraisable.pop()
        record.waiting.patience = patience
        record.loopback_only = record.short_sends = False
        record.loopback_device = record.ipv6_only = False
        record.refused_binds = 0
        record.no_way_to = None
        socket.setdefaulttimeout(timeout)
