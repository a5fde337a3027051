"""What a process has open: its threads, its descriptors, its children."""

from __future__ import annotations

import gc
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from helpers.live import registry

GRACE = 2.0
"""Seconds for what is already ending: a thread in its last line, a child that was just told."""


def threads() -> dict[object, str]:
    """The threads of this process, but for those that carry the tests' own messages."""
    return {
        thread: f"thread {thread.name!r}"
        for thread in threading.enumerate()
        if not type(thread).__module__.startswith("execnet")
    }


def children() -> dict[object, str]:
    """The child processes of this process that still run, or were never waited for."""
    found: dict[object, str] = {}
    for child in psutil.Process().children():
        try:
            found[child] = f"child process {child.pid}: {' '.join(child.cmdline())[:80]}"
        except psutil.ZombieProcess:
            found[child] = f"child process {child.pid}: ended, and nobody waited for it"
        except psutil.NoSuchProcess:
            continue
    return found


def descriptors() -> dict[object, str]:
    """The open file descriptors: all of them on Linux, sockets and files on other systems."""
    if sys.platform == "linux":
        found: dict[object, str] = {}
        for entry in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink(f"/proc/self/fd/{entry}")
            except FileNotFoundError:  # the one that read the folder
                continue
            found[entry, target] = f"descriptor {entry}: {target}"
        return found
    process = psutil.Process()
    # What tells one socket from another: not its state, which changes by itself.
    found = {tuple(each)[:5]: f"socket {each}" for each in process.net_connections(kind="all")}
    if os.name == "posix":
        found |= {file: f"file {file.path}" for file in process.open_files()}
    return found


def addresses() -> dict[str, str]:
    """What the sockets of this process are connected to, by descriptor: for the message."""
    return {
        str(each.fd): f"{each.laddr or '-'} to {each.raddr or '-'} {each.status}"
        for each in psutil.Process().net_connections(kind="all")
    }


def left(now: Callable[[], dict[object, str]], before: dict[object, str]) -> list[str]:
    """What is open now and was not before. Waits a little for what is about to end."""
    deadline = time.monotonic() + GRACE
    while True:
        new = {key: text for key, text in now().items() if key not in before}
        if not new or time.monotonic() > deadline:
            return list(new.values())
        for key in new:
            if isinstance(key, threading.Thread):
                key.join(max(0.0, deadline - time.monotonic()))
        time.sleep(0.02)  # a descriptor or a child that is about to go says nothing when it does


def end_what_is_left(
    threads_before: dict[object, str],
    children_before: dict[object, str],
    descriptors_before: dict[object, str],
) -> None:
    """End what a failed test left open. A socket that is shut down wakes the thread in it."""
    registry.stop_all()
    for child in children().keys() - children_before.keys():
        assert isinstance(child, psutil.Process)
        with suppress(psutil.NoSuchProcess):
            child.kill()
            child.wait(GRACE)
    left_open = {
        int(key[0])
        for key, text in descriptors().items()
        if key not in descriptors_before and isinstance(key, tuple) and "socket:" in text
    }
    for number in left_open:
        with suppress(OSError), socket.socket(fileno=os.dup(number)) as same:
            same.shutdown(socket.SHUT_RDWR)
    left(threads, threads_before)  # gives them time
    for (
        thing
    ) in gc.get_objects():  # a failed test keeps its variables, until another one has failed
        if isinstance(thing, socket.socket) and thing.fileno() in left_open:
            thing.close()


def described(leak: str) -> str:
    if leak.startswith("descriptor ") and "socket:" in leak:
        number = leak.split()[1].rstrip(":")
        return f"{leak} {addresses().get(number, '')}".rstrip()
    return leak
