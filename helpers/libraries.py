"""Which files are libraries: all others are the learner's own."""

from __future__ import annotations

import functools
import os
import site
import sysconfig

_FOLDERS = {
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
    *site.getsitepackages(),
    site.getusersitepackages(),
    os.path.dirname(os.path.abspath(__file__)),
}
_REAL = tuple({os.path.realpath(each) + os.sep for each in _FOLDERS})
_QUICK = tuple({*_REAL, *(each + os.sep for each in _FOLDERS)})
"""Also as they are written: most files are found among them without asking the system."""


@functools.cache
def is_library(path: str) -> bool:
    """Whether the file belongs to Python, to an installed package or to the helpers."""
    return path.startswith(_QUICK) or os.path.realpath(path).startswith(_REAL)
