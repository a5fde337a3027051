"""Right programs that are written in another way than the catalogue's, one module a lesson.

A check judges what a program does. So a program with threads, selectors, asyncio, makefile or
socketserver must pass as well as the one that the lesson has in mind.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

WAYS: dict[str, dict[str, Callable[..., Any]]] = {}
"""By exercise, then by the name of the way."""

for _module in pkgutil.iter_modules(__path__):
    WAYS.update(importlib.import_module(f"{__name__}.{_module.name}").WAYS)
