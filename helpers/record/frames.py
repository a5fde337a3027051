"""The frame in which another thread stands."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType

_no_collection = threading.Lock()
"""Held while the garbage collector is off, so that nobody turns it on too early."""


def frame_of(ident: int | None) -> FrameType | None:
    """The frame in which a thread stands; None if there is no such thread."""
    return _all_frames().get(ident or -1)


def frames() -> dict[int, FrameType]:
    """The frame in which each other thread stands, by its identifier.

    Not that of the running one: whoever keeps what is given would be kept by it, with the sockets
    that the others had in their hands.
    """
    found = _all_frames()
    found.pop(threading.get_ident(), None)
    return found


def _all_frames() -> dict[int, FrameType]:
    """Those of all threads.

    In CPython 3.11 a garbage collection inside `_current_frames` can stop the whole
    process for ever (https://github.com/python/cpython/issues/106883). So there is none.
    """
    with _no_collection:
        collects = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames()
        finally:
            if collects:
                gc.enable()
