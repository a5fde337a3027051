"""What the bench ran on, in words. Nothing that names the machine or its owner."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import psutil


def description() -> str:
    """Processor, memory, system and Python, in one line."""
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory, "
        f"{platform.system()} {_release()}, {platform.python_implementation()} "
        f"{platform.python_version()}"
    )


def load() -> str:
    """How busy the machine is: the load average of the last minute, where there is one."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):  # Windows has none
        return "not known"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    named = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return named[1] if named else platform.machine()


def _release() -> str:
    """`6.8`: a full release may name who built it."""
    return ".".join(platform.release().split(".")[:2])
