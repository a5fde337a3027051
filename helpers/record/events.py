"""What the recorder notes: one `Event` for each call on a socket.

Rules of this file:

- Everything here is immutable. An event is made once and never changed, so a
  view can be a pure function: events in, text or SVG out.
- Nothing here knows a thread, a lock or a real socket.

Order is causal. Each actor (a cell, a server, a thread) counts its own calls: that
is its Lamport clock. A call that something on the other side made possible (a
receive by a send, an accept by a connect) takes the larger of both counts, plus one.
So `sorted(events, key=Event.sort_key)` puts every cause before its effect, and it is
the same in every run, however the threads were scheduled.
(L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", 1978.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

DATA_KEPT = 64
"""How many bytes of each call's data an event keeps. `Event.size` has the full count."""

Outcome = Literal["done", "failed", "waiting"]
Role = Literal["", "listener", "client", "conn"]
CauseKind = Literal["data", "end", "reset", "connect", "listen", "datagram"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made a call: the notebook's cells, a live server, or another thread."""

    order: int
    """Breaks ties between actors: 0 is the cell, then the servers as they were started."""
    name: str
    """`"cell"`, the server's function (`"echo_server"`), or the thread's name."""
    kind: Literal["cell", "server", "thread"]
    serial: int = 0
    """Tells threads that have the same name at the same time from each other."""

    @property
    def sort_key(self) -> tuple[int, tuple[str | int, ...], int]:
        """Orders actors: `Thread-10` comes after `Thread-9`."""
        return (self.order, _natural(self.name), self.serial)


@cache
def _natural(name: str) -> tuple[str | int, ...]:
    parts = re.split(r"([0-9]+)", name)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


@dataclass(frozen=True, slots=True)
class Cause:
    """The call on the other side that made this one possible."""

    event: int
    """`Event.number` of that call."""
    kind: CauseKind
    """What crossed: data, the end of the stream (FIN), a reset (RST), a connection ..."""
    size: int = 0
    """How many of its bytes this call received."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call on one socket."""

    number: int
    """Tells this event from every other one. The order of the numbers means nothing."""
    clock: int
    """Lamport time at which the call returned; for a waiting one, at which it was made."""
    began: int
    """Lamport time at which the call was made."""
    actor: Actor
    socket: int
    """Tells this socket from every other one. The order of the numbers means nothing."""
    name: str
    """The learner's variable for the socket (`"listener"`), or `""` where none is known."""
    call: str
    """`"socket"`, `"bind"`, `"recv"` ..."""
    arguments: tuple[Any, ...] = ()
    """The arguments, small and immutable; data that was sent is in `data`, not here."""
    outcome: Outcome = "done"
    result: Any = None
    """What the call returned, where it is small: a count, an address. Never a socket."""
    role: Role = ""
    """The part that the socket plays, so far as it is known by now."""
    made: int | None = None
    """The number of the socket that this call made (`accept`, `socketpair`)."""
    error: str = ""
    """`"ConnectionRefusedError: [Errno 111] Connection refused"` if the call failed."""
    data: bytes = b""
    """The first `DATA_KEPT` bytes sent or received."""
    size: int = 0
    """How many bytes the call sent or received."""
    local: Any = None
    """The socket's own address at that time, if it had one."""
    peer: Any = None
    """The address of the other side at that time, if there was one."""
    stream: bool = True
    """False for a socket of datagrams: to connect() it sends nothing."""
    causes: tuple[Cause, ...] = ()
    limit: float | None = None
    """Seconds for which it was to wait at most, where it had to wait and its socket has a limit."""
    lost: bool = False
    """The datagram that it sent was dropped: the receiver's system had no room for it."""
    note: str = ""
    """A short remark, such as `"not closed by the program: collected"`."""

    @property
    def waited(self) -> bool:
        """Whether the call waited for the other side (or is still waiting).

        Told from the causal order, not from a clock on the wall: it waited if what
        made it possible happened after the call was made.
        """
        return self.outcome == "waiting" or self.clock > self.began

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Orders events: causes before effects, and the same in every run."""
        return (self.outcome == "waiting", self.clock, *self.actor.sort_key)


class Constant(str):
    """A name that an argument is shown by, such as `AF_INET`: its `repr` has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)
