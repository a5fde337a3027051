"""The threads that a live server has started: for its clients, most often.

Rules of this file:

- They are ended as the server is: a thread that waits in a recorded socket call, or makes one,
  unwinds its own `with` blocks. A thread that does anything else cannot be ended, and is named.
- A worker of a pool that waits for work is not counted. It ends with its pool.
"""

from __future__ import annotations

import threading
import time

from helpers.live import printed
from helpers.live.words import THREADS
from helpers.record.at_rest import LOOK_AGAIN, Onlooker
from helpers.record.frames import frame_of
from helpers.record.model import ActorState
from helpers.record.record import record
from helpers.text import visible

NAMED = 3
"""Threads that a message names; it counts the others."""

WORKER = ("concurrent.futures.thread", "_worker")


def of(log: printed.Log, server: threading.Thread) -> list[threading.Thread]:
    """The threads that the server, or one of these, has started, and that still run."""
    threads = [each for each in printed.threads_with(log) if each is not server]
    return [each for each in threads if each.is_alive() and not _waits_for_work(each)]


def actors_of(threads: list[threading.Thread]) -> list[ActorState]:
    """Those of them that have made a recorded call."""
    idents = {each.ident for each in threads}
    return [state for state in list(record.actors.active) if state.ident in idents]


def ask_to_stop(threads: list[threading.Thread], clock: int) -> list[threading.Thread]:
    """Let them unwind. Returns those that will: they wait in a recorded call now."""
    waiting = {state.ident for state in actors_of(threads) if state.wait is not None}
    for each in threads:
        record.actors.ask_to_stop(each, clock)
    return [each for each in threads if each.ident in waiting]


def join(threads: list[threading.Thread], limit: float) -> None:
    """Wait until they have ended, up to the time `limit` (monotonic)."""
    for each in threads:
        if each is not threading.current_thread():
            each.join(max(0.0, limit - time.monotonic()))


def let_end(threads: list[threading.Thread], limit: float) -> None:
    """Wait for those that are about to end, up to the time `limit` (monotonic).

    One that stands still is not waited for: it does what cannot be ended. One that the system has
    not let go on yet has not had its turn.
    """
    onlooker = Onlooker()

    def all_done() -> bool:
        return all([not each.is_alive() or onlooker.thread_is_at_rest(each) for each in threads])

    record.waiting.watch(all_done, max(0.0, limit - time.monotonic()), LOOK_AGAIN)


def told(threads: list[threading.Thread]) -> str:
    """What to say of threads that still run: `2 threads that it started still run: ...`."""
    if not threads:
        return ""
    names = sorted(visible(each.name) for each in threads)
    said = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        said = THREADS("more", names=said, count=len(names) - NAMED)
    return THREADS.counted("run", len(names), names=said)


def _waits_for_work(thread: threading.Thread) -> bool:
    frame = frame_of(thread.ident)
    return frame is not None and (
        (str(frame.f_globals.get("__name__")), frame.f_code.co_name) == WORKER
    )
