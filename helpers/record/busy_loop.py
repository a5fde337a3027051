"""A loop that calls without waiting, and to no purpose, is slowed down.

Such a loop gives the interpreter back for each system call, and takes it again at once. Who
waits for the interpreter is woken each time, comes too late, and begins to wait anew (CPython's
take_gil()). So a cell, or a check, would stand still for seconds beside it, most of all where a
core is idle.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from helpers.record.model import ActorState
from helpers.record.socket_info import info_of

BUSY_LOOP = 1000
"""Calls in a row that moved nothing, after which a loop is taken for one that does not wait: the
end, b'', was received again, an error came, or there was no room or no data."""

THROTTLE, THROTTLE_EVERY = 0.001, 8
"""Seconds that such a loop pauses at every so many further calls: others get the interpreter.

Measured: a check beside a loop around a full buffer took 15 s without a pause, and takes 0.1 s
with it. At every eighth call only: a program that tries port after port, and meets an error at
each, loses little."""


def made_no_progress(state: ActorState) -> None:
    """A call of the actor moved nothing, and the same call would again."""
    state.no_progress += 1
    if state.no_progress > BUSY_LOOP and not state.no_progress % THROTTLE_EVERY:
        time.sleep(THROTTLE)


def found_ready(state: ActorState, ready: Iterable[Any]) -> None:
    """A wait for several sockets was over before it began: these were ready.

    Who finds something again, and has made no call since, moves nothing. Most often it asks for
    room to write where it has nothing to send. What is not recorded may move, and nobody knows.
    """
    if state.ready_at == state.clock and all(info_of(each) is not None for each in ready):
        made_no_progress(state)
    state.ready_at = state.clock
