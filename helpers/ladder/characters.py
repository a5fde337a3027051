"""The bytes of a ladder as the characters that they are in UTF-8, where that is not ASCII.

Rules of this file:

- Pure: events in, lines out. All that is shown has been through `visible`.
- A character may be cut between two receives. It is shown where it became whole, with `HALF`
  before it: `안 | ½녕`.
- What is not UTF-8, or is not kept whole by the record, is not shown: nobody can say what it is.
"""

from __future__ import annotations

from collections.abc import Iterable

from helpers.record.events import Event
from helpers.record.methods import RECEIVING, SENDING
from helpers.text import Utf8, cut, visible

WIDTH = 100
"""Columns of a line. A longer one is cut."""


def lines(events: Iterable[Event]) -> str:
    """One line for each socket and direction: `conn.recv()  안 | ½녕`."""
    streams: dict[tuple[int, bool], tuple[str, Utf8]] = {}
    for event in sorted(events, key=lambda each: each.sort_key):
        receives = event.call in RECEIVING
        if event.outcome != "done" or not (receives or event.call in SENDING):
            continue
        if any("MSG_PEEK" in repr(each) for each in event.arguments):
            continue  # the bytes stay where they are, and come once more
        key = (event.socket, receives)
        if key not in streams:
            streams[key] = (f"{event.name or 'socket'}.{event.call}()", Utf8())
        whole = len(event.data) == event.size
        streams[key][1].feed(event.data if whole else None)
    found = [(visible(name), text.shown) for name, text in streams.values() if text.teaches]
    return "\n".join(cut(f"{name}  {shown}", WIDTH) for name, shown in found)
