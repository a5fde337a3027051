"""The frame in which another thread stands."""

from __future__ import annotations

import gc
import sys
import threading
from types import FrameType

_no_collection = threading.Lock()
"""Held while the garbage collector is off, so that nobody turns it on too early."""


def frame_of(ident: int | None) -> FrameType | None:
    """The frame in which a thread stands; None if there is no such thread.

    In CPython 3.11 a garbage collection inside `_current_frames` can stop the whole
    process for ever (https://github.com/python/cpython/issues/106883). So there is none.
    """
    with _no_collection:
        collects = gc.isenabled()
        gc.disable()
        try:
            return sys._current_frames().get(ident or -1)
        finally:
            if collects:
                gc.enable()
