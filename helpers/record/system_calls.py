"""In which system call does a thread sleep, and how long has it run? Linux tells.

Rules of this file:

- Nothing is kept: a thread may have gone on by the time the answer is there.
- On another system, and where nobody may look, the answer is that it is not known.
"""

from __future__ import annotations

import ctypes
import functools
import platform
import sys
import threading
import time
from enum import Enum, auto
from typing import NamedTuple

_FUTEX = {"x86_64": 202, "aarch64": 98}.get(platform.machine(), -1)
"""The number of futex() (asm/unistd.h): Python waits for its locks there."""

_NO_LIMIT = "0x0"
"""What futex() is given instead of a time limit."""


class SystemCall(NamedTuple):
    """A call in which a thread sleeps."""

    number: int
    """-1: it sleeps outside of a call, for a page of its memory that is not there."""
    arguments: tuple[str, ...]
    """Six of them, as `0x7f..`."""

    @property
    def is_futex(self) -> bool:
        """Whether it waits for a lock."""
        return self.number == _FUTEX

    @property
    def is_for_the_interpreter(self) -> bool:
        """Whether that is the one which Python threads take turns with.

        Who was made to give it away waits, too, until another thread has it.
        """
        return self.is_futex and int(self.arguments[0], 16) in _own_addresses()

    @property
    def is_for_a_thread(self) -> bool:
        """Whether it waits for a lock that another thread has, without a limit of time."""
        waits_on = self.is_futex and self.arguments[3] == _NO_LIMIT
        return waits_on and not self.is_for_the_interpreter


class Sleep(Enum):
    """How a thread sleeps."""

    NONE = auto()
    """It does not sleep, or the system is about to let it go on."""
    BY_ITSELF = auto()
    """In a call that it has made: for some time, for another thread, for a file."""
    UNKNOWN = auto()
    """It may sleep. For what, nobody tells."""


def system_call(native: int | None) -> SystemCall | None:
    """The call in which the thread sleeps, by its native number. None: it does not, it seems.

    Raises OSError where nobody may look, and if the thread has just ended.
    """
    with open(f"/proc/self/task/{native}/syscall", "rb") as file:
        call = file.read().decode().split()  # "running", or a number and so on (man 5 proc)
    if len(call) < 7:
        return SystemCall(-1, ()) if call[:1] == ["-1"] else None
    return SystemCall(int(call[0]), tuple(call[1:7]))


def ran_for(native: int) -> int:
    """Nanoseconds that the thread has run, by its native number. Only Linux tells.

    Raises OSError if it has just ended. Python's own function for it may crash then.
    """
    # pthread_getcpuclockid() makes this number: MAKE_THREAD_CPUCLOCK in glibc, with CPUCLOCK_SCHED.
    return time.clock_gettime_ns(~native << 3 | 6)


def sleep_of(native: int | None) -> Sleep:
    """How the thread sleeps."""
    if sys.platform != "linux" or native is None:
        return Sleep.UNKNOWN
    try:
        if not is_told():
            with open(f"/proc/self/task/{native}/stat", "rb") as file:
                status = file.read()
            sleeps = status[status.rindex(b")") + 2 :][:1] in (b"S", b"T")  # man 5 proc
            return Sleep.UNKNOWN if sleeps else Sleep.NONE
        call = system_call(native)
    except OSError:
        return Sleep.NONE  # it has just ended
    if call is None or call.number < 0 or call.is_for_the_interpreter:
        return Sleep.NONE
    return Sleep.BY_ITSELF


@functools.cache
def is_told() -> bool:
    """Whether this system tells in which call a thread sleeps. gVisor does not."""
    try:
        system_call(threading.get_native_id())
    except OSError:
        return False
    return _FUTEX >= 0


@functools.cache
def _own_addresses() -> range:
    """Where CPython keeps its own state, with the lock of the interpreter."""
    own = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
    with open("/proc/self/maps") as file:
        for line in file:
            start, end = (int(each, 16) for each in line.split()[0].split("-"))
            if start <= own < end:
                return range(start, end)
    return range(0)
