"""In which lane each call stands.

Rules of this file:

- Pure: events in causal order in, lanes out. Each title has passed `visible`.
- Work grows in proportion to the number of events.

Theory of operation. A server or a thread is one lane. The notebook's cells play several parts in
one thread, so their events are told apart by what the socket does (`Sockets`). A listener that a
cell sets up and a thread then serves belongs to the thread's lane. Clients stand on the left,
servers on the right.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from helpers.ladder.saying import LANE
from helpers.record.events import Actor, Event
from helpers.record.methods import CONNECTING, RECEIVING, SENDING, SETTING_UP
from helpers.text import visible

LANES_SHOWN = 6
"""Lanes on one side (clients, servers) that are shown each by itself; more are folded."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of the ladder: one client, one server, one thread."""

    title: str
    folded: int = 0
    """Calls of this lane that are not shown (lanes beyond the sixth are folded into one)."""


class _Key(NamedTuple):
    """What tells a lane from every other lane."""

    kind: Literal["actor", "cell", "client", "fold", "receiver", "server"]
    actor: Actor | None = None
    socket: int | None = None
    """The one socket that is this lane, for a part that a cell plays."""
    side: str = ""
    lanes: int = 0
    """How many lanes of that side a fold stands for."""


_CELL = _Key("cell")


class Sockets:
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
        elif event.call in CONNECTING or event.call == "socketpair":
            self.parts[event.socket] = "client"
        elif event.call in SENDING or event.call in RECEIVING:
            self.parts.setdefault(event.socket, "receiver" if bound else "client")
        if event.made is not None:
            self.parts[event.made] = "client" if event.call == "socketpair" else "conn"

    def name(self, number: int) -> str:
        """The learner's variable, or the word for the part that the socket plays."""
        return visible(self.names.get(number) or self.parts.get(number, "sock"))

    def lane_key(self, event: Event) -> _Key:
        """Which lane the event stands in."""
        if event.actor.kind != "cell":
            return _Key("actor", event.actor)
        server = self._server_of(event)
        if server is not None:
            return _Key("actor", server)
        part = self.parts.get(event.socket)
        if part == "client":
            return _Key("client", socket=event.socket)
        if part == "receiver":
            return _Key("receiver", socket=event.socket)
        return _Key("server") if part in ("listener", "conn") else _CELL

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
        return None if within and event.call not in SETTING_UP else server


def lanes_of(
    ordered: Sequence[Event], sockets: Sockets, chosen: Mapping[int, Any] | None = None
) -> tuple[list[Lane], list[int]]:
    """The lanes from left to right, and the lane of each event.

    Where clients are `chosen`, by the numbers of their sockets, each with its address, all others
    are folded into one lane, with what the other side did for them.
    """
    keys = [sockets.lane_key(event) for event in ordered]
    if chosen:
        keys = _others_folded(ordered, keys, chosen)
    found = list(dict.fromkeys(keys))
    clients = [key for key in found if key.kind == "client"]
    if len(clients) == 1 and _CELL in found:
        keys = [clients[0] if key == _CELL else key for key in keys]
        found.remove(_CELL)
    order, folds = _arranged(found, _background_clients(ordered))
    keys = [folds.get(key, key) for key in keys]
    index = {key: place for place, key in enumerate(order)}
    counts = Counter(keys)
    lanes = [
        Lane(title, counts[key] if key.kind == "fold" else 0)
        for key, title in zip(order, _titles(order, sockets), strict=True)
    ]
    return lanes, [index[key] for key in keys]


def _others_folded(
    ordered: Sequence[Event], keys: Sequence[_Key], chosen: Mapping[int, Any]
) -> list[_Key]:
    """The lane of each event, where all clients that are not chosen share one."""
    here = {key.socket for key in keys if key.kind == "client"} - {*chosen}
    addresses = [*chosen.values()]
    conns = {
        event.socket: event.peer
        for event in ordered
        if event.role == "conn" and event.peer is not None and event.peer not in addresses
    }
    fold = _Key("fold", side="client", lanes=max(len(here), len({*conns.values()})))
    return [
        fold if event.socket in here or event.socket in conns or event.made in conns else key
        for event, key in zip(ordered, keys, strict=True)
    ]


def _background_clients(ordered: Sequence[Event]) -> set[Actor]:
    """The threads that connect and never accept: they stand on the left, with the clients."""
    connecting = {event.actor for event in ordered if event.call in CONNECTING}
    serving = {event.actor for event in ordered if event.call in ("listen", "accept")}
    # The connect() may be forgotten, or shown before: what its socket is stays known.
    connected = {event.socket for event in ordered if event.call in CONNECTING}
    others = [event for event in ordered if event.socket not in connected]
    clients = {event.actor for event in others if event.role == "client"}
    clients -= {event.actor for event in ordered if event.role in ("listener", "conn")}
    return {actor for actor in (connecting | clients) - serving if actor.kind != "cell"}


def _arranged(found: Sequence[_Key], left: set[Actor]) -> tuple[list[_Key], dict[_Key, _Key]]:
    """The lanes from left to right, and the fold of each that is not shown by itself."""
    serving = {key.actor: key for key in found if key.actor and key.actor not in left}
    actors = [serving[actor] for actor in sorted(serving, key=lambda actor: actor.sort_key)]
    on_left = [key for key in found if key.kind in ("client", "fold") or key.actor in left]
    on_left.sort(key=lambda key: key.kind == "fold")
    on_right = [*(key for key in found if key.kind in ("server", "receiver")), *actors]
    folds: dict[_Key, _Key] = {}
    for side, name in ((on_left, "client"), (on_right, "server")):
        fold = _Key("fold", side=name, lanes=len(side) - LANES_SHOWN)
        folds.update(dict.fromkeys(side[LANES_SHOWN:], fold))
    middle = [_CELL] if _CELL in found else []
    order = dict.fromkeys(folds.get(key, key) for key in (*on_left, *middle, *on_right))
    return list(order), folds


def _titles(order: Sequence[_Key], sockets: Sockets) -> list[str]:
    """A name for each lane. Lanes that would have the same name are numbered."""
    plain_titles = [_title(key, sockets) for key in order]
    shared = Counter(plain_titles)
    used: Counter[str] = Counter()
    titles = []
    for title in plain_titles:
        used[title] += 1
        titles.append(f"{title} {used[title]}" if shared[title] > 1 else title)
    return titles


def _title(key: _Key, sockets: Sockets) -> str:
    if key.actor is not None:
        return visible(key.actor.name)
    if key.kind == "fold":
        return LANE.counted(f"more {key.side}", key.lanes)
    return LANE[key.kind] if key.socket is None else sockets.name(key.socket)
