"""From events to a ladder: lanes, rows and arrows. No widths, no pixels, no words for calls.

Rules of this file:

- Pure functions and immutable classes. The same calls give the same ladder, in whatever
  order the events come and whatever their numbers are.
- Every name in a `Ladder` has passed `visible`: it holds no control character, no escape
  sequence and no character that turns the direction of text.
- Work grows in proportion to the number of events.

Theory of operation. A send that has not come to its end when a part of it is received stands twice:
where it began, as the cause of that, and where it ended, or waits. `ladder` sorts the events
causally. `lanes` tells the lane of each event, and
`crossings` what crossed from lane to lane. Then this file finds

1. the rows. A row is one call, or a call and the one call that received exactly what it
   sent. A receive moves up to its send only over rows in which neither its lane nor its
   actor does anything; so reading a lane downwards is always the order of its calls.
2. where a lane stood waiting: from the Lamport time at which the call began to its return.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Any

from helpers.ladder.crossings import Arrow, Crossings
from helpers.ladder.lanes import Lane, Sockets, lanes_of
from helpers.record.events import Actor, Event
from helpers.record.methods import SENDING
from helpers.text import visible

CALLS_SHOWN = 100
"""Of more than twice as many calls, this many are shown at the start and at the end."""


@dataclass(frozen=True, slots=True)
class LaneCall:
    """A call in its lane."""

    lane: int
    event: Event
    name: str
    """The learner's variable for the socket, or a word for the part that it plays."""
    made: tuple[str, ...]
    """The names of the new sockets, for a call that makes some (empty if not known)."""
    waited: bool
    """It waited for the other side, or still does."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step downwards: a call, a call with the one that received it, or a fold."""

    calls: tuple[LaneCall, ...] = ()
    arrow: Arrow | None = None
    waiting: frozenset[int] = frozenset()
    """The lanes that stand waiting beside this row."""
    folded: int = 0
    """How many calls are left out here; then the row shows nothing else."""
    new: bool = False
    """What is below this row is new; then the row shows nothing else."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything that a view shows."""

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    calls: int
    dropped: int = 0
    remark: str = ""

    def letter(self, lane: int) -> str:
        """What a lane is called where its title has no room. A single lane needs nothing."""
        return ascii_uppercase[lane] if len(self.lanes) > 1 else ""


def ladder(
    events: Iterable[Event],
    dropped: int = 0,
    remark: str = "",
    chosen: Mapping[int, Any] | None = None,
) -> Ladder:
    """The ladder of these events, given in any order. `chosen`: see `lanes_of`."""
    told = list(events)
    ordered = sorted(_beginnings_and_ends(told), key=_causal)
    sockets = Sockets(ordered)
    lanes, lane_of = lanes_of(ordered, sockets, chosen)
    crossings = Crossings(ordered, lane_of)
    shown = [not lanes[lane].folded for lane in lane_of]
    rows = _pair_up(ordered, lane_of, shown, crossings)
    waiting = _waiting(rows, ordered, lane_of)

    def laid_out(start: int, stop: int) -> Iterator[Row]:
        for indexes, beside in zip(rows[start:stop], waiting[start:stop], strict=True):
            calls = tuple(_lane_call(ordered[each], lane_of[each], sockets) for each in indexes)
            yield Row(calls, crossings.arrow(indexes), frozenset(beside))

    top, bottom = _fold(rows)
    folded = sum(len(each) for each in rows[top:bottom])
    fold = (Row(folded=folded),) if folded else ()
    all_rows = (*laid_out(0, top), *fold, *laid_out(bottom, len(rows)))
    return Ladder(tuple(lanes), all_rows, len(told), dropped, remark)


def marked(shown: Ladder, since: int) -> Ladder:
    """The ladder with a row above the first call that came after this Lamport time.

    Where all of it is new, or nothing is, there is no such row.
    """
    for place, row in enumerate(shown.rows):
        if any(call.event.clock > since and call.event.outcome != "waiting" for call in row.calls):
            rows = (*shown.rows[:place], Row(new=True), *shown.rows[place:])
            return replace(shown, rows=rows) if place else shown
    return shown


ENDS_BELOW = "its end stands below"


def _beginnings_and_ends(events: Sequence[Event]) -> Iterator[Event]:
    """The events; two for a send of which a part was received before it ended."""
    first_received: dict[int, int] = {}
    for event in events:
        for cause in event.causes:
            if cause.kind == "data":
                earlier = first_received.get(cause.event, event.clock)
                first_received[cause.event] = min(earlier, event.clock)
    for event in events:
        received = first_received.get(event.number)
        has_ended = received is None or (event.outcome != "waiting" and event.clock < received)
        if has_ended or event.outcome == "done" or event.call not in SENDING:
            yield event
            continue
        yield replace(
            event, clock=event.began, outcome="done", error="", causes=(), note=ENDS_BELOW
        )
        yield replace(event, number=-event.number, size=0, data=b"")


def _causal(event: Event) -> tuple[Any, ...]:
    """The causal order. What follows the sort key only makes damaged input deterministic."""
    own = (event.actor.kind, event.began, event.call, event.name, event.data, event.size)
    return (*event.sort_key, *own)


def _lane_call(event: Event, lane: int, sockets: Sockets) -> LaneCall:
    """The event with the names of its sockets."""
    new = [event.socket] if event.call in ("socket", "socketpair") else []
    if event.made is not None:
        new.append(event.made)
    made = tuple(visible(sockets.names[number]) for number in new if number in sockets.names)
    name = visible(event.name) or sockets.name(event.socket)
    return LaneCall(lane, event, name, made, _has_waited(event))


def _has_waited(event: Event) -> bool:
    """A connect whose clock only followed the peer's listen() did not wait for anybody."""
    followed_listen = event.causes and all(cause.kind == "listen" for cause in event.causes)
    return event.waited and (event.outcome == "waiting" or not followed_listen)


def _pair_up(
    ordered: Sequence[Event], lane_of: Sequence[int], shown: Sequence[bool], crossings: Crossings
) -> list[list[int]]:
    """The rows: places of events, a receive together with its send where that is true."""
    receive_of: dict[int, int] = {}
    moved: set[int] = set()
    last_in_lane: dict[int, int] = {}
    last_of_actor: dict[Actor, int] = {}
    for index, event in enumerate(ordered):
        lane = lane_of[index]
        busy_until = max(last_in_lane.get(lane, -1), last_of_actor.get(event.actor, -1))
        place = index
        source = crossings.whole(index)
        if source is not None and shown[source] and shown[index] and busy_until <= source:
            receive_of[source] = index
            moved.add(index)
            place = source
        last_in_lane[lane] = last_of_actor[event.actor] = place
    rows = []
    for index in range(len(ordered)):
        if shown[index] and index not in moved:
            rows.append([index, receive_of[index]] if index in receive_of else [index])
    return rows


def _waiting(
    rows: Sequence[Sequence[int]], ordered: Sequence[Event], lane_of: Sequence[int]
) -> list[set[int]]:
    """For each row, the lanes that stand waiting beside it."""
    clocks = [
        float("inf") if ordered[row[0]].outcome == "waiting" else ordered[row[0]].clock
        for row in rows
    ]
    waiting: list[set[int]] = [set() for _ in rows]
    to_the_end: dict[int, int] = {}
    last_in_lane: dict[int, int] = {}
    last_of_actor: dict[Actor, int] = {}
    for place, row in enumerate(rows):
        for index in row:
            event, lane = ordered[index], lane_of[index]
            busy_until = max(last_in_lane.get(lane, -1), last_of_actor.get(event.actor, -1))
            last_in_lane[lane] = last_of_actor[event.actor] = place
            if not _has_waited(event):
                continue
            start = max(busy_until + 1, bisect_left(clocks, event.began))
            if event.outcome == "waiting":
                to_the_end.setdefault(lane, start)
            for between in range(start, place):
                waiting[between].add(lane)
    for lane, start in to_the_end.items():
        for place in range(start, len(rows)):
            waiting[place].add(lane)
    return waiting


def _fold(rows: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Rows before the first place and from the second on are shown."""
    if sum(len(row) for row in rows) <= 2 * CALLS_SHOWN:
        return len(rows), len(rows)
    return _reach(rows), len(rows) - _reach(rows[::-1])


def _reach(rows: Sequence[Sequence[int]]) -> int:
    """How many rows hold `CALLS_SHOWN` calls, or nearly."""
    calls = 0
    for place, row in enumerate(rows):
        calls += len(row)
        if calls > CALLS_SHOWN:
            return place
    return len(rows)
