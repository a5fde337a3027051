"""What the recorder knows while it happens: of each actor its call and its wait.

Rules of this file:

- All of it changes as it goes, which is why these are no events: `Call.freeze` makes the event.
- An `ActorState` belongs to one thread. That thread alone changes `clock` and what it
  waits for; others may read them, wake it (`poke`) and ask it to stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.record.events import Actor, Cause, CauseKind, Event, Outcome
from helpers.record.socket_info import SocketInfo, numbers
from helpers.record.streams import Endpoint, Timestamp
from helpers.record.wakeup import Waker, is_ready


class Stopped(BaseException):
    """Raised inside a live server when it is asked to stop: its `with` blocks unwind.

    It is not an `Exception`, so that `except Exception` does not swallow it.
    """


class Deadlock(TimeoutError):
    """A call waits for something that will not come. The message says who waits where.

    The socket stays usable: the next cell can go on with it.
    """


class Moment:
    """What a thread comes after, in Lamport time."""

    __slots__ = ("clock", "takes_locks", "to_stop")

    def __init__(self, clock: int, takes_locks: bool = False) -> None:
        self.clock = clock
        self.takes_locks = takes_locks
        """It may be handed something where nothing can be noted (`locks.py`)."""
        self.to_stop: int | None = None
        """Lamport time of who asks the thread to stop, before it has made a call."""

    def follow(self, clock: int) -> None:
        """What happens next here comes after what happened there at `clock`."""
        if clock > self.clock:
            self.clock = clock


class ActorState(Moment):
    """One thread that makes calls: its Lamport clock, its present call, its wait."""

    __slots__ = (
        "actor",
        "address",
        "addressed",
        "ident",
        "native",
        "no_progress",
        "ready_at",
        "stands",
        "stood_at",
        "stop_clock",
        "stopping",
        "stops",
        "stops_in_select",
        "time_is_up",
        "timed_out",
        "wait",
        "waker",
    )

    def __init__(self, actor: Actor, clock: int = 0) -> None:
        super().__init__(clock)
        self.actor = actor
        self.address: Any = None
        """Where it listens, or where its datagrams arrive."""
        self.addressed = 0
        """Lamport time since when that is so."""
        self.wait: Wait | None = None
        self.stopping = False
        self.stop_clock = 0
        self.stops = 0
        """How often `Stopped` was raised in it since it was asked to stop."""
        self.stops_in_select = 0
        """How often of these in a wait for several sockets."""
        self.timed_out: object = None
        """`Wait.key` of the wait whose time was up, if it has done nothing since."""
        self.time_is_up: Wait | None = None
        """The wait that is to end as if its time were up (`let_time_pass`)."""
        self.no_progress = 0
        """Its calls in a row that moved nothing."""
        self.ready_at = -1
        """Its clock when a wait for several sockets last found one ready, without waiting."""
        self.waker: Waker | None = None
        self.ident: int | None = None
        """Its thread, once that runs."""
        self.native: int | None = None
        """The system's own number of that thread."""
        self.stands = False
        """It was seen to wait for another thread, and to do nothing else (`standing.py`)."""
        self.stood_at: object = None
        """What was seen then."""

    def ready_to_wait(self) -> Waker:
        """The wake-up socket, made when it is first needed."""
        if self.waker is None:
            self.waker = Waker()
        return self.waker

    def begin_to_wait(self) -> Waker:
        """The same for the first wait of its own thread.

        Raises `Stopped` if it was asked for just now: who asked has found nothing to poke.
        """
        made = self.ready_to_wait()
        self.stop_if_asked()
        return made

    def poke(self) -> None:
        """Let its present wait look around."""
        waker = self.waker
        if waker is not None:
            waker.poke()

    def let_time_pass(self) -> None:
        """End its present wait as if its time were up. One without a time limit goes on."""
        wait = self.wait
        if wait is not None and wait.bounded:
            self.time_is_up = wait
            self.poke()

    def ask_to_stop(self, clock: int) -> None:
        """Let its present wait, or its next call that can wait, raise `Stopped`."""
        self.stop_clock = clock
        self.stops = self.stops_in_select = 0
        self.stopping = True
        self.poke()

    def stop_if_asked(self) -> None:
        """Raise `Stopped` in its thread if `ask_to_stop` was called."""
        if self.stopping:
            self.stops += 1
            self.follow(self.stop_clock)
            raise Stopped("by stop()")

    def stop_select_if_asked(self) -> None:
        """The same for a wait for several sockets: once for each `ask_to_stop`.

        An event loop needs more waits to unwind. And it may have to be told although a call has
        raised `Stopped` by now: where a task makes that call, the loop keeps it for who awaits it.
        """
        if self.stopping and not self.stops_in_select:
            self.stops_in_select += 1
            self.stop_if_asked()

    def end(self) -> None:
        """Its thread is over."""
        if self.waker is not None:
            self.waker.close()
            self.waker = None


class Call:
    """One call on one socket, from its beginning to its end."""

    # Defaults of the class, not slots: most calls need few of them, and begin the quicker.
    outcome: Outcome = "waiting"
    result: Any = None
    made: int | None = None
    error = ""
    data = b""
    size = 0
    causes: tuple[tuple[int, CauseKind, int], ...] = ()
    """What is to become `Event.causes`."""
    remark = ""
    limit: float | None = None
    endpoint: Endpoint | None = None
    """The end of the connection that it waited at, also when its socket is closed by now."""
    least = 1
    """So many bytes must be there before it goes on, or the end."""
    held: Sequence[Any] = ()
    """An object of its own for its open socket, once that loses its descriptor while it waits."""
    lost = False
    """The datagram that it sent was dropped by the system of the receiver."""
    at_end: Callable[[Call], None] | None = None
    """What is to be done when it is noted."""
    left_out = False
    """It only looked, for a check: no ladder shows it."""
    has_waited = False
    """It has had to wait, at least for a moment."""
    no_progress = False
    """It moved nothing, and the same call would again."""

    def __init__(
        self, state: ActorState, info: SocketInfo, name: str, arguments: tuple[Any, ...], began: int
    ) -> None:
        self.number = next(numbers)
        self.state = state
        self.info = info
        self.name = name
        self.arguments = arguments
        self.began = self.clock = began
        self.local = info.local
        self.peer = info.peer

    @property
    def only_looked(self) -> bool:
        """It set a limit of time, or found nothing within it: nothing crossed."""
        found_nothing = self.error.startswith(("BlockingIOError", "TimeoutError", "SSLWant"))
        return found_nothing or self.name in ("settimeout", "setblocking")

    @property
    def timestamp(self) -> Timestamp:
        """What other calls may name as their cause."""
        return Timestamp(self.clock, self.number)

    @property
    def socket_name(self) -> str:
        """The variable of the object on which it is made."""
        info = self.info
        if self.number < info.wrapped:
            return info.plain_name or info.name
        return info.name or info.plain_name

    def follow(self, timestamp: Timestamp | None, kind: CauseKind, size: int = 0) -> None:
        """This call was made possible by that one (if it is known)."""
        if timestamp is not None:
            self.causes += ((timestamp.event, kind, size),)
            self.came_after(timestamp.clock)

    def came_after(self, clock: int) -> None:
        """This call ended after that moment."""
        if clock >= self.clock:
            self.clock = clock + 1

    def freeze(self) -> Event:
        """The event, as it stands now."""
        return Event(
            number=self.number,
            clock=self.clock,
            began=self.began,
            actor=self.state.actor,
            socket=self.info.number,
            name=self.socket_name,
            call=self.name,
            arguments=self.arguments,
            outcome=self.outcome,
            result=self.result,
            role=self.info.role,
            made=self.made,
            error=self.error,
            data=self.data,
            size=self.size,
            local=self.local,
            peer=self.peer,
            stream=self.info.stream,
            causes=tuple(Cause(*each) for each in self.causes),
            limit=self.limit,
            lost=self.lost,
            note=self.remark,
        )


@dataclass(slots=True, eq=False)
class Wait:
    """What an actor waits for now."""

    call: Call | None
    """The recorded call; None while it waits for a live server to end, or in select()."""
    fd: int | None
    write: bool
    bounded: bool
    """It ends by itself: the socket has a timeout of its own."""
    server: ActorState | None = None
    """The live server, or the thread, whose end it waits for."""
    several: Iterable[tuple[int, bool]] | None = None
    """The descriptors, each with `write`, of which it waits for any: it is in select()."""
    repeated: bool = False
    """It made the same wait before, its time was up, and it has done nothing else since."""
    how: str = ""
    """How it waits for a thread: `join()`."""
    ends: Callable[[], Iterable[Endpoint]] | None = None
    """For a select(): the ends of connections among its sockets."""
    until: float | None = None
    """When its limit is over, by the clock of limits (`clock.py`)."""
    doubted: float | None = None
    """Since when a wait for it has been over, and by the account alone it could go on."""

    @property
    def key(self) -> object:
        """The same for two waits in the same call on the same sockets."""
        return self.several if self.call is None else (self.call.name, self.call.info.number)

    @property
    def is_over(self) -> bool:
        """Whether what it waits for is there, as far as the kernel tells."""
        if self.several is not None:
            tells = getattr(self.several, "tells", None)  # of an epoll object, which knows it
            if tells is not None:
                return bool(tells())
            return any(is_ready(fd, write) for fd, write in self.several)
        return self.fd is not None and is_ready(self.fd, self.write)
