"""The learner's function while it runs: how it ends, what it returns, what it leaves behind.

Rules of this file:

- The function runs in a thread, as a live server does. The account of what is in flight says
  when it has done all it can, and when a wait of it cannot end. Nothing sleeps.
- Whatever it does, it is ended: in time, with its threads ended and its sockets closed. What
  cannot be ended (a thread that sleeps) is told.
"""

from __future__ import annotations

import functools
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from helpers.exercises.call_log import LOOKS, CallLog
from helpers.exercises.deadline import Deadline
from helpers.exercises.evidence import OF_A_FAMILY
from helpers.exercises.slips import slip_of
from helpers.exercises.threads import Threads
from helpers.exercises.traffic import IGNORES_ERRORS, READS_THE_END, Traffic
from helpers.exercises.values import close, raised, sockets_in
from helpers.live.server import LiveServer
from helpers.live.source import Where
from helpers.live.tasks import runs_a_loop
from helpers.record.events import Event
from helpers.record.model import Call, Stopped
from helpers.record.record import record
from helpers.record.socket_info import info_of, next_number
from helpers.sockets.attempts import file_of

SETTLE_TIME = 1.0
"""Seconds that a step of a peer waits for a function that neither waits nor ends. Chosen: more than
a right program computes between two calls, also on busy cores."""

SNAPSHOT_TIME = 0.05
"""Seconds from one look at where the function stands to the next, while it moves. Chosen: a
learner sees no difference, and the looks cost little."""

CALLS_SHOWN = 40
"""Calls of a loop that never ended: the first ones say all."""

STILL_RUNS = "still_running"
POLLS = "polls"

TRIES_AGAIN = "tries_again"
"""What cannot succeed has failed, and it goes on: a scenario that sees this says so in `ended`."""

SENDS_FOR_EVER = "sends_for_ever"
SENDS_CRUMBS = "sends_crumbs"
MAKES_SOCKETS = "makes_sockets"
SLEEPS = "sleeps"
KEEPS_THE_LOOP = "keeps_the_loop"
"""It computes in a task, and no `await` of it waits: its event loop does nothing else."""

LOOPS = (
    READS_THE_END,
    IGNORES_ERRORS,
    POLLS,
    TRIES_AGAIN,
    SENDS_FOR_EVER,
    SENDS_CRUMBS,
    MAKES_SOCKETS,
    SLEEPS,
    KEEPS_THE_LOOP,
)
"""How a function ended that calls again and again, or sleeps, and to no purpose."""

_OWNS = ("socket", "socketpair", "close", "detach")
"""Calls that begin or end to own a descriptor, beside those that return a new socket."""

NEVER_RESTS = (*LOOPS, STILL_RUNS)
"""How a function ended that is in a loop without end."""


class Run:
    """The function, its threads, and what is known of them."""

    def __init__(self, function: Callable[..., Any], traffic: Traffic, deadline: Deadline) -> None:
        self.ended = ""
        """How it ended, as the fact `ended`; "" as long as that is not known."""
        self.where: Where | None = None
        """Where it stood when it had done all it could, or failed."""
        self.value: Any = None
        """What it returned."""
        self.error: BaseException | None = None
        """What it raised, or one of its threads."""
        self.thread_error: BaseException | None = None
        """What one of its threads failed with, other than an error of a connection."""
        self.never_awaited: list[str] = []
        """The functions of the coroutines that it threw away before they had run."""
        self.untouched = False
        """It returned None and made no socket call: nobody has written it yet."""
        self.still_running = False
        """It could not be ended."""
        self.computes = False
        """One of its threads used the processor for long, and made no call."""
        self.slip = ""
        """How it came to wait where it stands, if it was perhaps meant to go on: see `slips.py`."""
        self.serves = False
        """It is a server: it ends well if it waits for the next peer."""
        self.threads = Threads(traffic)
        self._function = function
        self._traffic = traffic
        self._deadline = deadline
        self._live: LiveServer | None = None
        self._kept: list[Any] = []
        """What it returned in the calls before."""
        self._here = record.actors.state()
        self._first = next_number()
        self._cursor = record.log.read().cursor
        self._numbers_before = record.adopting.left()
        self._excepthook = threading.excepthook

    # Calling it

    def start(
        self,
        *args: Any,
        use: Callable[[Any], Any] | None = None,
        within: Callable[..., Any] | None = None,
    ) -> None:
        """Call it with these arguments, in a thread of its own.

        `use` is given what it returned, in the same thread: the way to run a generator. `within` is
        given the function and its arguments, and calls it: the way to run a coroutine function
        (`coroutines.py`). A coroutine is run to its end in an event loop of that thread.
        """
        function = self._function

        @functools.wraps(function)
        def target() -> Any:
            value = function(*args) if within is None else within(function, *args)
            return value if use is None or value is None else use(value)

        self._live = LiveServer(target)
        self._live.start()

    def start_again(
        self, *args: Any, use: Callable[[Any], Any] | None = None, after: str = "returned"
    ) -> bool:
        """Call it once more. False if the call before has not ended in this way."""
        self.conclude()
        if self.ended != after:
            return False
        self._kept.append(self.value)
        self.value, self.error, self.ended = None, None, ""
        self.start(*args, use=use)
        return True

    @property
    def is_started(self) -> bool:
        """Whether it has been called."""
        return self._live is not None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._live is None or self._live.is_over

    # Rest

    def loops(self) -> str:
        """Whether it is in a loop that never ends, and in which: one of `NEVER_RESTS`, or `""`."""
        if found := self._traffic.spins():
            return found
        if self.threads.poll():
            return POLLS
        if self.threads.sleep_long(SETTLE_TIME):
            return SLEEPS
        if self.serves and self._traffic.is_flooded():
            return SENDS_FOR_EVER
        if isinstance(record.log, CallLog):
            if record.log.looks_in_vain and self.threads.sleep_again(LOOKS):
                return SLEEPS
            if record.log.makes_sockets:
                return MAKES_SOCKETS
            if record.log.sends_crumbs and not self.serves:  # a server answers what came
                return SENDS_CRUMBS
        self.computes = self.computes or self.threads.compute_for_ever()
        if self.computes and self._live is not None and runs_a_loop(self._live.actor.ident):
            return KEEPS_THE_LOOP
        return STILL_RUNS if self.computes else ""

    def is_at_rest(self) -> bool:
        """Whether it and its threads have done all they can, or never will."""
        return bool(self.loops()) or self.threads.are_at_rest()

    def rest(self, unless: Callable[[], bool] | None = None) -> bool:
        """Wait until it is at rest, or `unless` holds. Whether one of them has come."""
        self.threads.doubt_anew()

        def is_known() -> bool:
            return self.is_at_rest() or (unless is not None and unless())

        return self._deadline.watch(is_known, SETTLE_TIME)

    # What it has done

    @property
    def calls(self) -> tuple[Event, ...]:
        """The calls that the function and its threads have made so far."""
        return self._recorded(lambda call: call.state.actor != self._here.actor)

    def _recorded(self, which: Callable[[Call], bool] | None = None) -> tuple[Event, ...]:
        """The calls that were begun in this run, also those that wait now."""
        events = record.read(self._cursor, which).events
        return tuple(each for each in events if each.number > self._first)

    def has_made(self, sock: socket.socket) -> bool:
        """Whether the socket was made in this run; also if it is not recorded: nobody knows."""
        info = info_of(sock)
        return info is None or info.number > self._first

    def shown(self, ready: int) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
        """All calls of this run for the ladder, but for those up to number `ready`.

        And those of them that the function and its threads have made, from the first on.
        """
        recorded = self._recorded()
        own = tuple(each for each in recorded if each.actor != self._here.actor)
        calls = tuple(event for event in recorded if event.number > ready)
        return (calls[:CALLS_SHOWN] if self.ended in NEVER_RESTS else calls), own

    def returned(self) -> list[socket.socket]:
        """The sockets in what it has returned so far."""
        return sockets_in([*self._kept, self.value])

    def conclude(self) -> None:
        """Find out how it ended, or that it will not."""
        live = self._live
        if live is None or self.ended:
            return
        self.threads.poll_anew()
        while not self.is_over and not self.ended:
            rest = self._deadline.watch(self.is_at_rest, SNAPSHOT_TIME)
            self.where = live.snapshot()
            if loops := self.loops():
                self.ended = loops
            elif rest and not live.is_over:
                self.slip = slip_of(getattr(self._function, "__code__", None))
                if self.where.call:
                    self.ended = f"waits_in {OF_A_FAMILY.get(self.where.call, self.where.call)}"
                elif self._stays_idle(live):
                    self.ended = "waits_for_threads"
            elif self._deadline.left() <= 0:
                self.ended = STILL_RUNS
        if not self.ended:
            self._take_result(live)

    def _stays_idle(self, live: LiveServer) -> bool:
        """Whether nobody moves for a while: a thread that was just started looks idle, too."""

        def moves() -> bool:
            return live.is_over or not self.is_at_rest()

        return not self._deadline.watch(moves, self.threads.doubt)

    def _take_result(self, live: LiveServer) -> None:
        try:
            self.value = live.result(1)
            self.ended = "returned"
        except BaseException as error:
            self.error = error
            self.ended = raised(error)
        self.where = live.where
        nothing_done = self.value is None and not self.calls and not self._traffic.has_come
        self.untouched = self.ended == "returned" and nothing_done

    # Ending it

    def end(self) -> None:
        """Ask all its threads to end, and interrupt who does not."""
        if self._live is None:
            return
        if not self.is_over and self.ended not in NEVER_RESTS:
            self.rest()  # it closes what its peers have closed
        self.threads.end(self.computes)
        self._live.discard(0)
        self.still_running = bool(self.threads.left())
        record.lock.hold()  # what was told of threads that have ended is done: their wakers close

    def thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """A thread of it failed: that is kept, and never printed into the cell."""
        if self.threads.were_there_before(failure.thread):
            self._excepthook(failure)
        elif failure.exc_type is not Stopped:
            self.error = self.error or failure.exc_value
            if not isinstance(failure.exc_value, OSError | None):
                self.thread_error = self.thread_error or failure.exc_value

    def close_open(self) -> int:
        """Close the sockets that it has made and not closed. Returns how many there were."""
        events = self._recorded(lambda call: call.made is not None or call.name in _OWNS)
        made: dict[int, Event] = {}
        for event in events:
            if event.actor == self._here.actor:
                continue
            if event.call in ("socket", "socketpair") and event.outcome == "done":
                made[event.socket] = event
            if event.made is not None:
                made[event.made] = event
        detached = 0
        for event in events:
            ends = event.call in ("close", "detach") and not event.note
            if ends and event.socket in made:
                del made[event.socket]
                detached += event.call == "detach"
        returned = {getattr(info_of(sock), "number", None) for sock in self.returned()}
        left = set(made) - returned
        for number in left:
            close(record.tracker.socket_of(number))
        return len(left) + min(detached, self._close_numbers())

    def _close_numbers(self) -> int:
        """Close the descriptors that it has taken out of their objects, and given to no other."""
        count = 0
        for file, number in record.adopting.left().items():
            if file not in self._numbers_before and file_of(number) == file:
                os.close(number)
                count += 1
        return count
