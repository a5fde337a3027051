"""From events to a ladder: lanes, rows and arrows. No widths, no pixels, no words for calls.

Rules of this file:

- Pure functions and immutable classes. The same calls give the same ladder, in whatever
  order the events come and whatever their numbers are.
- Every name in a `Ladder` has passed `visible`: it holds no control character, no escape
  sequence and no character that turns the direction of text.
- Work grows in proportion to the number of events.

Theory of operation. `ladder` sorts the events causally and finds

1. the lane of each event. A server or a thread is one lane. The notebook's cells play several
   parts in one thread, so their events are told apart by what the socket does (`_Sockets`).
   A listener that a cell sets up and a thread then serves belongs to the thread's lane.
2. what crossed from lane to lane (`_Crossings`): the causes, without those that show nothing
   new (a second `b''` after the same end, a listen that made a connect possible).
3. the rows. A row is one call, or a call and the one call that received exactly what it
   sent. A receive moves up to its send only over rows in which neither its lane nor its
   actor does anything; so reading a lane downwards is always the order of its calls.
4. where a lane stood waiting: from the Lamport time at which the call began to its return.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Literal

from helpers.record.events import Actor, Cause, Event
from helpers.text import cut, visible

LANES_SHOWN = 6
"""Lanes on one side (clients, servers) that are shown each by itself; more are folded."""

CALLS_SHOWN = 100
"""Of more than twice as many calls, this many are shown at the start and at the end."""

TITLE_COLUMNS = 28
"""Columns of a lane's title in a legend."""

CROSS = "\N{MULTIPLICATION SIGN}"
"""The mark of a failed call."""

Style = Literal["code", "remark", "bad", "crossed"]

Line = list[tuple[str, Style]]
"""One line of a call's text, in pieces of one style each."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of the ladder: one client, one server, one thread."""

    title: str
    folded: int = 0
    """Calls of this lane that are not shown (lanes beyond the sixth are folded into one)."""


@dataclass(frozen=True, slots=True)
class Call:
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
class Arrow:
    """What crossed from one lane to another."""

    source: int
    target: int
    label: str
    drawn: Literal["whole", "leaving", "arriving"] = "whole"
    """Whole if the row shows both ends, else the end that belongs to the row's call."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step downwards: a call, a call with the one that received it, or a fold."""

    calls: tuple[Call, ...] = ()
    arrow: Arrow | None = None
    waiting: frozenset[int] = frozenset()
    """The lanes that stand waiting beside this row."""
    folded: int = 0
    """How many calls are left out here; then the row shows nothing else."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything that a view shows."""

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    calls: int
    dropped: int = 0

    @property
    def notes(self) -> list[str]:
        """What is to be said before the first row."""
        notes = []
        if self.dropped:
            calls = f"{self.dropped:,} earlier call{'s' if self.dropped > 1 else ''}"
            notes.append(f"... {calls} not shown: only the newest are kept ...")
        if not self.rows:
            notes.append("No socket calls since the last timeline.")
        return notes

    def letter(self, lane: int) -> str:
        """What a lane is called where its title has no room. A single lane needs nothing."""
        return ascii_uppercase[lane] if len(self.lanes) > 1 else ""

    @property
    def legend(self) -> list[tuple[str, str]]:
        """The letter of each lane, and its title."""
        return [
            (
                self.letter(place),
                cut(lane.title, TITLE_COLUMNS)
                + (f" ({lane.folded:,} calls folded)" if lane.folded else ""),
            )
            for place, lane in enumerate(self.lanes)
        ]

    def crossed(self, arrow: Arrow | None) -> str:
        """What crossed, for views in which the arrow has no room for it."""
        if arrow is None:
            return ""
        if arrow.drawn == "arriving":
            return f"◄── {arrow.label} ── {self.letter(arrow.source)}"
        return f"── {arrow.label} ──► {self.letter(arrow.target)}"


def ladder(events: Iterable[Event], dropped: int = 0) -> Ladder:
    """The ladder of these events, given in any order."""
    ordered = sorted(events, key=_causal)
    sockets = _Sockets(ordered)
    lanes, lane_of = _lanes(ordered, sockets)
    crossings = _Crossings(ordered, lane_of)
    shown = [not lanes[lane].folded for lane in lane_of]
    rows = _pair_up(ordered, lane_of, shown, crossings)
    waiting = _waiting(rows, ordered, lane_of)

    def row(place: int) -> Row:
        calls = tuple(sockets.call(ordered[index], lane_of[index]) for index in rows[place])
        return Row(calls, crossings.arrow(rows[place]), frozenset(waiting[place]))

    top, bottom = _fold(rows)
    folded = sum(len(each) for each in rows[top:bottom])
    laid_out = [row(place) for place in range(top)]
    if folded:
        laid_out.append(Row(folded=folded))
        laid_out += [row(place) for place in range(bottom, len(rows))]
    return Ladder(tuple(lanes), tuple(laid_out), len(ordered), dropped)


def count(size: int) -> str:
    """`1 byte`, `5 bytes`, `5,000,000 bytes`."""
    return f"{size:,} byte{'' if size == 1 else 's'}"


def _causal(event: Event) -> tuple[Any, ...]:
    """The causal order. What follows the sort key only makes damaged input deterministic."""
    own = (event.actor.kind, event.began, event.call, event.name, event.data, event.size)
    return (*event.sort_key, *own)


def _has_waited(event: Event) -> bool:
    """A connect whose clock only followed the peer's listen() did not wait for anybody."""
    followed_listen = event.causes and all(cause.kind == "listen" for cause in event.causes)
    return event.waited and (event.outcome == "waiting" or not followed_listen)


# Lanes

_SETUP = frozenset({"socket", "setsockopt", "settimeout", "setblocking", "bind", "listen"})
_CONNECT = frozenset({"connect", "connect_ex"})
_RECEIVE = frozenset({"recv", "recvmsg", "recvfrom", "recv_into", "recvmsg_into", "recvfrom_into"})
_SEND = frozenset({"send", "sendall", "sendmsg", "sendto", "sendfile"})

_LaneKey = tuple[Any, ...]


class _Sockets:
    """What all the events together say of each socket: its name, its part, who uses it."""

    def __init__(self, ordered: Sequence[Event]) -> None:
        self.names: dict[int, str] = {}
        self.parts: dict[int, str] = {}
        self._users: dict[int, set[Actor]] = defaultdict(set)
        self._makers: dict[int, set[Actor]] = defaultdict(set)
        self._waits: dict[Actor, list[tuple[int, float]]] = defaultdict(list)
        bound: set[int] = set()
        for event in ordered:
            if event.name:
                self.names.setdefault(event.socket, event.name)
            if event.call == "bind" and event.outcome == "done":
                bound.add(event.socket)
            self._learn_part(event, event.socket in bound)
            if event.actor.kind != "cell":
                self._users[event.socket].add(event.actor)
                if event.made is not None:
                    self._makers[event.made].add(event.actor)
                if event.waited:
                    end = float("inf") if event.outcome == "waiting" else event.clock
                    self._waits[event.actor].append((event.began, end))
        for waits in self._waits.values():
            waits.sort()

    def _learn_part(self, event: Event, bound: bool) -> None:
        if event.role:
            self.parts.setdefault(event.socket, event.role)
        if event.call in ("listen", "accept"):
            self.parts[event.socket] = "listener"
        elif event.call in _CONNECT or event.call == "socketpair":
            self.parts[event.socket] = "client"
        elif event.call in _SEND or event.call in _RECEIVE:
            self.parts.setdefault(event.socket, "receiver" if bound else "client")
        if event.made is not None:
            self.parts[event.made] = "client" if event.call == "socketpair" else "conn"

    def name(self, number: int) -> str:
        """The learner's variable, or the word for the part that the socket plays."""
        return visible(self.names.get(number) or self.parts.get(number, "sock"))

    def call(self, event: Event, lane: int) -> Call:
        """The event with the names of its sockets."""
        new = [event.socket] if event.call in ("socket", "socketpair") else []
        if event.made is not None:
            new.append(event.made)
        made = tuple(visible(self.names[number]) for number in new if number in self.names)
        name = visible(event.name) or self.name(event.socket)
        return Call(lane, event, name, made, _has_waited(event))

    def lane_key(self, event: Event) -> _LaneKey:
        """What tells the event's lane from every other lane."""
        if event.actor.kind != "cell":
            return ("actor", event.actor)
        server = self._server_of(event)
        if server is not None:
            return ("actor", server)
        part = self.parts.get(event.socket)
        if part in ("client", "receiver"):
            return (part, event.socket)
        return ("server",) if part in ("listener", "conn") else ("cell",)

    def _server_of(self, event: Event) -> Actor | None:
        """The one thread to which the socket of a cell belongs, if there is such a thread.

        A call that the cell makes while that thread waits (such as closing the listener
        under it) stays the cell's own.
        """
        users = self._users.get(event.socket, set()) | self._makers.get(event.socket, set())
        if len(users) != 1:
            return None
        (server,) = users
        waits = self._waits.get(server, [])
        before = bisect_right(waits, (event.clock, float("inf")))
        within = before > 0 and waits[before - 1][1] > event.clock
        return None if within and event.call not in _SETUP else server


def _lanes(ordered: Sequence[Event], sockets: _Sockets) -> tuple[list[Lane], list[int]]:
    """The lanes from left to right, and the lane of each event."""
    keys = [sockets.lane_key(event) for event in ordered]
    found = list(dict.fromkeys(keys))
    clients = [key for key in found if key[0] == "client"]
    if len(clients) == 1 and ("cell",) in found:
        keys = [clients[0] if key == ("cell",) else key for key in keys]
        found.remove(("cell",))
    left = _background_clients(ordered)
    actors = sorted(
        (key for key in found if key[0] == "actor" and key[1] not in left),
        key=lambda key: key[1].sort_key,
    )
    on_left = [key for key in found if key[0] == "client" or key[-1] in left]
    on_right = [key for key in found if key[0] in ("server", "receiver")] + actors
    folds: dict[_LaneKey, _LaneKey] = {}
    for side, name in ((on_left, "client"), (on_right, "server")):
        for key in side[LANES_SHOWN:]:
            folds[key] = ("fold", name, len(side) - LANES_SHOWN)
    keys = [folds.get(key, key) for key in keys]
    middle = [("cell",)] if ("cell",) in found else []
    order = dict.fromkeys(folds.get(key, key) for key in (*on_left, *middle, *on_right))
    index = {key: place for place, key in enumerate(order)}
    counts = Counter(keys)
    titles = _titles(list(order), sockets)
    lanes = [
        Lane(title, counts[key] if key[0] == "fold" else 0)
        for key, title in zip(order, titles, strict=True)
    ]
    return lanes, [index[key] for key in keys]


def _background_clients(ordered: Sequence[Event]) -> set[Actor]:
    """The threads that connect and never accept: they stand on the left, with the clients."""
    connecting = {event.actor for event in ordered if event.call in _CONNECT}
    serving = {event.actor for event in ordered if event.call in ("listen", "accept")}
    return {actor for actor in connecting - serving if actor.kind != "cell"}


def _titles(order: Sequence[_LaneKey], sockets: _Sockets) -> list[str]:
    """A name for each lane. Lanes that would have the same name are numbered."""
    plain_titles = [_title(key, sockets) for key in order]
    shared = Counter(plain_titles)
    used: Counter[str] = Counter()
    titles = []
    for title in plain_titles:
        used[title] += 1
        titles.append(f"{title} {used[title]}" if shared[title] > 1 else title)
    return titles


def _title(key: _LaneKey, sockets: _Sockets) -> str:
    if key[0] == "actor":
        return visible(key[1].name)
    if key[0] == "fold":
        return f"{key[2]} more {key[1]}{'s' if key[2] > 1 else ''}"
    return str(key[0]) if len(key) == 1 else sockets.name(key[1])


# What crossed


class _Crossings:
    """Between which events, by their places in the causal order, something crossed."""

    def __init__(self, ordered: Sequence[Event], lane_of: Sequence[int]) -> None:
        self._ordered = ordered
        self._lane_of = lane_of
        self.sent_by: dict[int, dict[int, Cause]] = defaultdict(dict)
        """For a receive: the sends that made it possible, and how much of each it took."""
        self.received_by: dict[int, list[int]] = defaultdict(list)
        self._peer_lane: dict[int, int] = {}
        self._end_seen: set[tuple[int, str, int]] = set()
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
            if once in self._end_seen:
                return
            self._end_seen.add(once)
        sends = self.sent_by[index]
        if source in sends:
            cause = Cause(cause.event, cause.kind, cause.size + sends[source].size)
        else:
            self.received_by[source].append(index)
        sends[source] = cause

    def whole(self, index: int) -> int | None:
        """The send of which this call received exactly what was sent, and no other call did."""
        sends = self.sent_by.get(index, {})
        if len(sends) != 1 or index in self.received_by:
            return None
        ((source, cause),) = sends.items()
        receivers = self.received_by[source]
        if receivers[0] != index or source in self.sent_by or source > index:
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
            label = _crossed(self.sent_by[last][first].kind, self._ordered[first].size)
            return Arrow(self._lane_of[first], self._lane_of[last], label)
        sends = self.sent_by.get(first)
        if sends:
            source = max(sends)
            return Arrow(
                self._lane_of[source], self._lane_of[first], self._received(sends), "arriving"
            )
        return self._leaving(first)

    def _received(self, sends: dict[int, Cause]) -> str:
        (source, cause), *more = sends.items()
        size = sum(each.size for each in sends.values())
        if more:
            return f"{count(size)}, {len(sends)} sends"
        sent = self._ordered[source].size
        if cause.kind == "data" and cause.size < sent:
            part = f"{cause.size:,} of {sent:,}"
            return part if len(part) > 10 else f"{part} bytes"
        return _crossed(cause.kind, size)

    def _leaving(self, index: int) -> Arrow | None:
        event, lane = self._ordered[index], self._lane_of[index]
        receivers = self.received_by.get(index)
        if receivers and (event.size or event.outcome != "waiting"):
            kind = self.sent_by[receivers[0]][index].kind
            label = _crossed(kind, event.size)
            return Arrow(lane, self._lane_of[receivers[0]], label, "leaving")
        target = self._peer_lane.get(event.socket, lane)
        connected = event.call in _CONNECT and event.outcome == "done" and not event.result
        if target == lane or not (connected or (event.call in _SEND and event.size)):
            return None
        kind = "connect" if connected else "datagram" if event.call == "sendto" else "data"
        return Arrow(lane, target, _crossed(kind, event.size), "leaving")


def _crossed(kind: str, size: int) -> str:
    if kind == "data":
        return count(size)
    return f"datagram {count(size)}" if kind == "datagram" else kind


# Rows


def _pair_up(
    ordered: Sequence[Event], lane_of: Sequence[int], shown: Sequence[bool], crossings: _Crossings
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
