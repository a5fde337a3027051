"""The calls of one check: none of them is lost, and of each it is known which line made it.

Rules of this file:

- A report quotes calls, so they are kept however many there are: the first ones of a scenario
  always, and of those after them the latest. A loop that moves nothing fills no log: the calls
  that it makes over and over are noted a few hundred times, and not more.
- The line is that of the learner's code. It is looked up where the call ends, in its own thread.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import NamedTuple

from helpers.libraries import is_library
from helpers.record.frames import frames
from helpers.record.lock import DrainingLock
from helpers.record.log import CALLS_KEPT, Log, News
from helpers.record.methods import SENDING
from helpers.record.model import ActorState, Call

FIRST_KEPT = CALLS_KEPT // 2
"""Calls from the beginning that are never forgotten."""

LOOP_KEPT = 200
"""Calls in a row that moved nothing, of which each one is noted. Chosen: they are all alike."""

SOCKETS_MADE = 2_000
"""Sockets of one scenario, after which a loop is taken to make one after another. Chosen: no task
needs a hundred."""

CRUMBS, CRUMB = 4_000, 64
"""Calls that send so few bytes on average, after which a function is taken to send byte by byte.
Chosen: megabytes are to be sent, which takes it minutes."""

LOOKS = 10
"""Calls in a row that found nothing and did not wait, after which who sleeps between them is taken
to look again and again. Chosen: who waits for a socket needs none."""

FAR = 60
"""Frames that are looked at. Chosen: more than lie between a call and the learner's line."""


class Line(NamedTuple):
    """A line of the learner's."""

    number: int
    function: str
    """The name of the function that it stands in."""


class CallLog(Log):
    """The log of a check."""

    __slots__ = ("_begin", "_begins_at", "_bytes_sent", "_in_vain", "_sends", "_sockets", "lines")

    def __init__(self, lock: DrainingLock) -> None:
        super().__init__(lock)
        self._begin: list[Call] = []
        """The first calls of a scenario, also those that are forgotten among the others."""
        self._begins_at = 0
        """The place of the first of them."""
        self._sockets = self._sends = self._bytes_sent = self._in_vain = 0
        """Counts of this scenario. A rough number is enough: threads may count at the same time."""
        self.lines: dict[int, Line] = {}
        """The learner's line of each call, by its number."""

    def append(self, call: Call) -> None:
        """Note a call that is over, if it is not one of many that moved nothing."""
        if call.no_progress and call.state.no_progress > LOOP_KEPT:
            return
        if call.no_progress and (not call.error or call.error.startswith("BlockingIOError")):
            self._in_vain += 1
        elif call.size:
            self._in_vain = 0
        if call.name == "socket":
            self._sockets += 1
        elif call.size and call.name in SENDING:
            self._sends += 1
            self._bytes_sent += call.size
        line = line_in(sys._getframe(1)) if not call.remark else None  # it was collected
        if line is not None:
            self.lines[call.number] = line
        if len(self._begin) < FIRST_KEPT:
            self._begin.append(call)
        super().append(call)

    def read(self, cursor: int = 0) -> News:
        """The calls from `cursor` on that are kept."""
        with self._lock.hold():
            news = super().read(cursor)
            start = max(0, cursor - self._begins_at)
            begin = self._begin[start : max(start, self._first - self._begins_at)]
        return News((*begin, *news.calls), news.cursor, max(0, news.lost - len(begin)))

    def begin_anew(self) -> None:
        """The next calls are the first ones of a scenario."""
        with self._lock.hold():
            self._begin, self._begins_at = [], super().read().cursor
        self._sockets = self._sends = self._bytes_sent = self._in_vain = 0

    @property
    def looks_in_vain(self) -> bool:
        """Whether call after call finds nothing, and does not wait."""
        return self._in_vain >= LOOKS

    @property
    def makes_sockets(self) -> bool:
        """Whether one socket after another is made."""
        return self._sockets > SOCKETS_MADE

    @property
    def sends_crumbs(self) -> bool:
        """Whether what is sent goes in very small pieces, and very many."""
        return self._sends > CRUMBS and self._bytes_sent < self._sends * CRUMB

    def note_waits(self, states: list[ActorState]) -> None:
        """The lines of the calls that wait now."""
        stand = frames()
        for state in states:
            wait = state.wait
            frame = stand.get(state.ident or -1)
            line = line_in(frame) if frame is not None else None
            if wait is not None and wait.call is not None and line is not None:
                self.lines[wait.call.number] = line


def line_in(innermost: FrameType) -> Line | None:
    """The learner's line that a frame was called by; None if there is none."""
    frame: FrameType | None = innermost
    for _ in range(FAR):
        if frame is None:
            return None
        if not is_library(frame.f_code.co_filename):
            return Line(frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None
