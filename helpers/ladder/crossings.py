"""What crossed from lane to lane: the causes of the events, made into arrows.

Rules of this file:

- Pure: events in causal order, and the lane of each, in. An event is named by its place in them.
- A cause that shows nothing new is left out: a second `b''` after the same end, a listen that
  made a connect possible, what a lane sends to itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from helpers.ladder.saying import ARROW
from helpers.record.events import Cause, Event
from helpers.record.methods import CONNECTING, SENDING
from helpers.text import columns, counted


@dataclass(frozen=True, slots=True)
class Arrow:
    """What crossed from one lane to another."""

    source: int
    target: int
    label: str
    drawn: Literal["whole", "leaving", "arriving"] = "whole"
    """Whole if the row shows both ends, else the end that belongs to the row's call."""


class Crossings:
    """Between which events something crossed."""

    def __init__(self, ordered: Sequence[Event], lane_of: Sequence[int]) -> None:
        self._ordered = ordered
        self._lane_of = lane_of
        self._sent_by: dict[int, dict[int, Cause]] = defaultdict(dict)
        """For a receive: the sends that made it possible, and how much of each it took."""
        self._received_by: dict[int, list[int]] = defaultdict(list)
        self._peer_lane: dict[int, int] = {}
        self._end_shown: set[tuple[int, str, int]] = set()
        self._place_of = {event.number: index for index, event in enumerate(ordered)}
        for index, event in enumerate(ordered):
            for cause in event.causes:
                self._learn(index, event, cause)

    def _learn(self, index: int, event: Event, cause: Cause) -> None:
        source = self._place_of.get(cause.event)
        if source is None or self._lane_of[source] == self._lane_of[index]:
            return
        sender = self._ordered[source]
        self._peer_lane.setdefault(event.socket, self._lane_of[source])
        if cause.kind == "listen":
            return
        self._peer_lane[sender.socket] = self._lane_of[index]
        if event.made is not None:
            self._peer_lane[event.made] = self._lane_of[source]
        if cause.kind in ("end", "reset"):
            once = (source, cause.kind, self._lane_of[index])
            if once in self._end_shown:
                return
            self._end_shown.add(once)
        sends = self._sent_by[index]
        if source in sends:
            cause = Cause(cause.event, cause.kind, cause.size + sends[source].size)
        else:
            self._received_by[source].append(index)
        sends[source] = cause

    def whole(self, index: int) -> int | None:
        """The send of which this call received exactly what was sent, and no other call did."""
        sends = self._sent_by.get(index, {})
        if len(sends) != 1 or index in self._received_by:
            return None
        ((source, cause),) = sends.items()
        receivers = self._received_by[source]
        if receivers[0] != index or source in self._sent_by or source > index:
            return None  # a send that still waits stands at the end, after what it caused
        if any(self._place_of.get(each.event, -1) > source for each in self._ordered[index].causes):
            return None  # another cause stands below the send, and so must the receive
        if cause.kind in ("data", "datagram"):
            same = cause.size == self._ordered[source].size and len(receivers) == 1
            return source if same else None
        return source

    def arrow(self, row: Sequence[int]) -> Arrow | None:
        """The arrow beside a row of one call, or of a send and its receive."""
        first, last = row[0], row[-1]
        if first != last:
            label = _label(self._sent_by[last][first].kind, self._ordered[first].size)
            return Arrow(self._lane_of[first], self._lane_of[last], label)
        sends = self._sent_by.get(first)
        if sends:
            label = self._received(sends)
            return Arrow(self._lane_of[max(sends)], self._lane_of[first], label, "arriving")
        return self._leaving(first)

    def _received(self, sends: dict[int, Cause]) -> str:
        (source, cause), *more = sends.items()
        size = sum(each.size for each in sends.values())
        if more:
            return ARROW(
                "several sends", bytes=counted(size, "byte"), sends=counted(len(sends), "send")
            )
        sent = self._ordered[source].size
        if cause.kind == "datagram" and cause.size < sent:
            return ARROW("cut", size=f"{cause.size:,}", sent=f"{sent:,}")
        if cause.kind == "data" and cause.size < sent:
            part = {"size": f"{cause.size:,}", "sent": f"{sent:,}"}
            many = ARROW("part of many", **part)
            return many if columns(many) > 10 else ARROW("part", **part)
        return _label(cause.kind, size)

    def _leaving(self, index: int) -> Arrow | None:
        event, lane = self._ordered[index], self._lane_of[index]
        receivers = self._received_by.get(index)
        if receivers and (event.size or event.outcome != "waiting"):
            kind = self._sent_by[receivers[0]][index].kind
            return Arrow(lane, self._lane_of[receivers[0]], _label(kind, event.size), "leaving")
        target = self._peer_lane.get(event.socket, lane)
        connected = event.call in CONNECTING and event.outcome == "done" and not event.result
        connected = connected and event.stream
        if target == lane or not (connected or (event.call in SENDING and event.size)):
            return None
        kind = "connect" if connected else "data"
        if not connected and (event.call == "sendto" or not event.stream):
            kind = "datagram"
        return Arrow(lane, target, _label(kind, event.size, event.lost), "leaving")


LONGEST_LABEL = 18
"""Columns that have room above the arrow of a ladder with two lanes."""


def _label(kind: str, size: int, lost: bool = False) -> str:
    if lost:
        return ARROW["lost"]
    if kind == "data":
        return counted(size, "byte")
    size_text = counted(size, "byte")
    label = ARROW("datagram", bytes=size_text) if kind == "datagram" else ARROW[kind]
    return label if columns(label) <= LONGEST_LABEL else size_text
