"""What a panel tells of the record: the newest calls of one server and of its clients.

Rules of this file:

- No widget, no HTML, no socket. It only reads the record, and takes nothing from it: what
  `timeline()` shows in the cells is the same with and without a panel.
- Bounded: it keeps `CALLS_KEPT` calls and shows `CALLS_SHOWN` of them.
- A look costs in proportion to what is new.

Theory of operation. A call belongs to the story if the server's thread or a client of the panel
made it, or if its socket has to do with the server's address: a client in a cell, or a
connection that the server gave to a thread of its own. A socket that belongs once, belongs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from typing import Any

from helpers.ladder.timeline import Timeline
from helpers.record.events import Actor, Event
from helpers.record.record import record

CALLS_KEPT = 400
CALLS_SHOWN = 40
"""The ladder of a panel ends with the newest calls, close to the buttons that made them."""


class Story:
    """The calls since it was made."""

    def __init__(self, actors: Collection[Actor]) -> None:
        self._actors = frozenset(actors)
        self._sockets: set[int] = set()
        self._kept: deque[Event] = deque(maxlen=CALLS_KEPT)
        self._waiting: list[Event] = []
        self._count = 0
        self._cursor = 0
        for event in self._new():  # whose are the sockets that wait now?
            if event.actor in self._actors:
                self._adopt(event)

    def begin_anew(self) -> None:
        """Forget what was told. What happens from now on is a new ladder."""
        self._kept.clear()
        self._count = 0

    @property
    def clock(self) -> int:
        """The Lamport time of the last call that was told."""
        return max((event.clock for event in self._kept), default=0)

    def timeline(self, address: Any, since: int | None = None) -> Timeline:
        """The newest calls, and those that wait now. `address` is the server's, if known.

        Those after the Lamport time `since` are marked as new.
        """
        for event in self._own(self._new(), address):
            self._kept.append(event)
            self._count += 1
        waiting = self._waiting = list(self._own(record.waiting_calls(), address))
        ordered = sorted(self._kept, key=lambda event: event.sort_key)
        shown = [*ordered[-CALLS_SHOWN:], *waiting]
        dropped = self._count + len(waiting) - len(shown)
        return Timeline(tuple(shown), dropped, since=since)

    def _new(self) -> list[Event]:
        """The calls that are new. A check has a log of its own: nothing of it is told here."""
        read = record.main_log.read(self._cursor)
        self._cursor = read.cursor
        return [call.freeze() for call in read.calls]

    def _own(self, events: Iterable[Event], address: Any) -> Iterable[Event]:
        for event in events:
            if (
                event.actor in self._actors
                or event.socket in self._sockets
                or _is_at(event.local, address)
                or _is_at(event.peer, address)
            ):
                self._adopt(event)
                yield event

    def _adopt(self, event: Event) -> None:
        self._sockets.add(event.socket)
        if event.made is not None:
            self._sockets.add(event.made)
        if event.call == "close" and event.outcome == "done":
            self._sockets.discard(event.socket)  # no number is used twice

    def names(self) -> dict[tuple[Any, Any], str]:
        """The name of each socket, by its own address and that of its peer (None: it has none)."""
        return {
            (event.local, event.peer): event.name
            for event in (*self._kept, *self._waiting)
            if event.name and event.local is not None
        }


def _is_at(own: Any, address: Any) -> bool:
    """Whether it is the server's address; one that listens everywhere is known by its port."""
    if isinstance(own, tuple) and isinstance(address, tuple):
        return len(own) >= 2 and own[1] == address[1]
    return own is not None and own == address
