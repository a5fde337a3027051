"""One run of the learner's function, with peers around it.

Rules of this file:

- The function runs in a thread, as a live server does; the peers run in the thread of the
  check. Both use recorded sockets, so the account of what is in flight says when the function
  has done all it can, and when a wait of either side cannot end. Nothing sleeps.
- What the run showed is written down as facts: a key and a value that is the same in every
  run (`values.py`). Facts are all that is compared, with what was expected and with known mistakes.
- Whatever the function does, the run ends: in time, with its threads ended and its sockets
  closed. What cannot be ended (a thread that sleeps) is told.
- A stage knows no exercise and no words for the learner.
"""

from __future__ import annotations

import functools
import socket
import threading
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import helpers
from helpers import peers
from helpers.exercises.threads import GRACE, LOOK_EVERY, Threads
from helpers.exercises.traffic import (
    IGNORES_ERRORS,
    READS_THE_END,
    Traffic,
    has_clients,
    may_be_on_its_way,
    readable,
)
from helpers.exercises.values import Quoted, close, plain, raised, socket_state, sockets_in
from helpers.live.server import LiveServer
from helpers.live.source import Where
from helpers.record.events import Event
from helpers.record.model import Deadlock, Stopped, info_of, next_number
from helpers.record.record import record
from helpers.record.waiting import QUIET_TIME
from helpers.text import error_text

HERE = ("127.0.0.1", 0)

SETTLE_TIME = 1.0
"""Seconds that a step of a peer waits for a function that neither waits nor ends."""

SNAPSHOT_TIME = 0.05
"""Seconds from one look at where the function stands to the next, while it moves."""

RESET_TIME = 1.0
"""Seconds for a reset to come. The first retransmission is 0.2 s after the data on Linux."""

MUCH_MEMORY = 1_000_000
"""Bytes of memory, from which it is worth knowing whose they are."""

_OWN = str(Path(helpers.__file__).parent)
"""Where the record allocates its memory."""

CALLS_SHOWN = 40
"""Calls of a loop that never ended: the first ones say all."""


class OutOfTime(Exception):
    """The check has used up its time."""


class NeverRests(Exception):
    """The function is in a loop that never ends, so no peer can wait for it."""


_PEER_GIVES_UP = (OutOfTime, NeverRests, OSError)
"""What a peer's step may end with, if the function is wrong."""


STILL_RUNS = "still_running"
THREAD_ERROR = "thread_error"

_NEVER_RESTS = (READS_THE_END, IGNORES_ERRORS, STILL_RUNS)


class Stage:
    """What a scenario works with: the function, its peers, and the facts so far."""

    def __init__(self, function: Callable[..., Any], deadline: float) -> None:
        self.facts: dict[str, Any] = {}
        """What was seen, in the order in which it was seen."""
        self.where: Where | None = None
        """Where the function stood when it had done all it could, or failed."""
        self.error: BaseException | None = None
        self.events: tuple[Event, ...] = ()
        self.rested = False
        """The last `settle` found it at rest: it waited for a peer, or was over."""
        self.untouched = False
        """It returned None and made no socket call: nobody has written it yet."""
        self.still_running = False
        """It could not be ended."""
        self.out_of_time = False
        """The peers could not do all that they should in the time of the check."""
        self.address: Any = None
        """Where its listener is."""
        self.value: Any = None
        """What it returned."""
        self._kept: list[Any] = []
        """What it returned in the calls before."""
        self.peak = 0
        """Bytes of memory that it held at once, if the scenario measured it."""
        self._function = function
        self._deadline = deadline
        self._live: LiveServer | None = None
        self._ended = ""
        self._thread_error: BaseException | None = None
        """What one of its threads failed with, other than an error of a connection."""
        self._here = record.actors.state()
        self._traffic = Traffic()
        self._threads = Threads(self._traffic)
        self._mark = self._ready = next_number()
        self._cursor = record.log.read().cursor
        self._patience = record.waiting.patience
        self._timeout = socket.getdefaulttimeout()
        self._excepthook = threading.excepthook
        self._quiet = warnings.catch_warnings()
        """Sockets that the function leaves open are told in a fact, not by warnings."""

    # What a scenario does

    def start(self, *args: Any, use: Callable[[Any], Any] | None = None) -> None:
        """Call the function with these arguments, in a thread of its own.

        `use` is given what it returned, in the same thread: the way to run a generator.
        """
        function = self._function

        @functools.wraps(function)
        def target() -> Any:
            value = function(*args)
            return value if use is None or value is None else use(value)

        self._live = LiveServer(target)
        self._live.start()

    def start_again(self, *args: Any) -> bool:
        """Call the function once more. False if the call before has not returned."""
        self._conclude()
        if self._ended != "returned":
            return False
        self._kept.append(self.value)
        self.value, self._ended = None, ""
        self.start(*args)
        return True

    def listen(self, backlog: int = 16, send_buffer: int | None = None) -> socket.socket:
        """A listener on this machine, at `address`.

        `send_buffer` is the SO_SNDBUF in bytes of the sockets that accept() will make of it.
        """
        listener = socket.create_server(HERE, backlog=backlog)
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.address = listener.getsockname()
        self._traffic.given.append(listener)
        return self._traffic.keep(listener, "listener")

    def adopt(self, listener: socket.socket) -> socket.socket:
        """A listener that the function has returned. Its clients count as in flight, too."""
        self._traffic.given.append(listener)
        return self._traffic.keep(listener, "listener")

    def connect(self, address: Any, name: str, receive_buffer: int | None = None) -> socket.socket:
        """A client that is connected to `address`. The record calls it `name`."""
        client = self._traffic.keep(peers.connect(address, receive_buffer), name)
        self._traffic.link(client)
        return client

    def accept(self, listener: socket.socket, name: str) -> socket.socket | None:
        """The connection of the function's client; None if it has not connected."""
        has_come = readable(listener)
        rests = 0  # seen at rest twice: the first time it may only just have begun
        while not has_come():
            rests = rests + 1 if self.settle(unless=has_come).rested else 0
            if rests < 2:
                continue
            if has_clients(listener):
                break  # connect() has returned: a busy kernel brings the client in a moment
            if not record.waiting.watch(has_come, self._threads.doubt, LOOK_EVERY):
                return None
        conn, _ = listener.accept()
        self._traffic.keep(conn, name)
        self._traffic.link(conn)
        return conn

    def pair(self, receive_buffer: int | None = None) -> tuple[socket.socket, socket.socket]:
        """Two connected sockets: the peer's, and `sock` for the function."""
        with self.listen() as listener:
            peer = self.connect(listener.getsockname(), "peer", receive_buffer)
            sock, _ = listener.accept()
            self._traffic.given.append(self._traffic.keep(sock, "sock"))
        self._ready = next_number()
        return peer, sock

    def settle(self, unless: Callable[[], bool] | None = None) -> Stage:
        """Wait until the function has done all it can: it waits for a peer, or is over.

        Not longer than until `unless` holds: then it is known that it never rests.
        """
        self.check_time()
        self.rested = self._rest(unless) and not (unless and unless())
        if self._traffic.spins():
            raise NeverRests
        self._watch(self._traffic.resets_are_known, RESET_TIME)
        return self

    def _rest(self, unless: Callable[[], bool] | None = None) -> bool:
        """Wait for it, and say whether it has come to rest."""
        self._threads.doubt_anew()

        def is_known() -> bool:
            return self._is_at_rest() or (unless is not None and unless())

        return self._watch(is_known, SETTLE_TIME)

    def fact(self, key: str, value: Any) -> None:
        """What was seen. Both are keys of words, or plain values: see `values.py`."""
        self.facts[key] = value

    def hear(self, sock: socket.socket, who: str, end: bool = False) -> None:
        """What has come from the function: WHO.received; with `end` also how it ended: WHO.saw."""
        came, ending = self.read(sock)
        self.fact(f"{who}.received", came)
        if end:
            self.fact(f"{who}.saw", ending)

    def read(self, sock: socket.socket) -> tuple[bytes, str]:
        """All that comes from the function, and what comes then.

        That is "end", "reset", or "nothing_more": it has done all it can.
        """
        came = bytearray()
        timeout = sock.gettimeout()
        sock.settimeout(0)
        try:
            while True:
                try:
                    received = sock.recv(65536)
                except BlockingIOError:
                    if self._nothing_comes(sock):
                        return bytes(came), "nothing_more"
                    continue
                if not received:
                    return bytes(came), "end"
                came += received
        except ConnectionError:
            return bytes(came), "reset"
        finally:
            sock.settimeout(timeout)

    def _nothing_comes(self, sock: socket.socket) -> bool:
        """Whether the function has done all it can, and nothing is on its way to this peer."""
        self.check_time()
        at_rest = self._rest()
        if may_be_on_its_way(sock):
            return not record.waiting.watch(readable(sock), QUIET_TIME, LOOK_EVERY) and at_rest
        return at_rest and not self.comes_after_all(sock)

    def comes_after_all(self, sock: socket.socket) -> bool:
        """Whether something has come to this peer, or may come soon, of a function at rest.

        A thread that may just have begun, or have got work, is given a while to move.
        """
        has_come = readable(sock)
        return has_come() or self._threads.may_send_more(has_come)

    def left_in(self, sock: socket.socket) -> None:
        """What the function has left in the stream, and whether it left the socket open."""
        if self._live is None or not self._live.is_over:
            return
        info = info_of(sock)
        came = b""
        state = "closed"
        if sock.fileno() >= 0 and info is not None and info.endpoint is not None:
            state = socket_state(sock)
            sock.settimeout(0)
            incoming = info.endpoint.incoming
            with suppress(OSError):
                while incoming.in_flight and record.waiting.watch(
                    readable(sock), QUIET_TIME, LOOK_EVERY
                ):
                    received = sock.recv(65536)
                    if not received:
                        break
                    came += received
        self.fact("left_in_stream", came)
        self.fact("socket", state)

    def close(self, sock: socket.socket) -> None:
        """Close a peer's socket, and let the function notice it."""
        sock.close()
        self.settle()

    def finish(self) -> None:
        """The peers have done all: the function must return now, or stand where it waits.

        Facts: how it `ended`, and what it `returned`.
        """
        self._conclude()
        self.fact("ended", self._ended)
        if self._ended == "returned":
            self.fact("returned", plain(self.value))

    def stand(self) -> None:
        """The peers have done all: the function must still be there for the next one.

        The fact `ended` says whether it is: "serves".
        """
        self.settle()
        self._conclude()
        serving = self._ended.startswith("waits_")
        self.fact("ended", "serves" if serving else self._ended)

    @property
    def calls(self) -> tuple[Event, ...]:
        """The calls that the function and its threads have made so far."""
        return tuple(each for each in self._recorded() if each.actor != self._here.actor)

    def _recorded(self) -> tuple[Event, ...]:
        """The calls that were begun in this run, also those that wait now."""
        events = record.read(self._cursor).events
        return tuple(each for each in events if each.number > self._mark)

    def has_made(self, sock: socket.socket) -> bool:
        """Whether the socket was made in this run; also if it is not recorded, so nobody knows."""
        info = info_of(sock)
        return info is None or info.number > self._mark

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure how much memory is held at once inside the block: `peak`, in bytes.

        What the record of many calls holds is not the function's, and is left out.
        """
        was_tracing = tracemalloc.is_tracing()
        if not was_tracing:
            tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        try:
            yield
        finally:
            self.peak = max(0, tracemalloc.get_traced_memory()[1] - before)
            if self.peak > MUCH_MEMORY:
                by_file = tracemalloc.take_snapshot().statistics("filename")
                self.peak -= sum(
                    each.size for each in by_file if each.traceback[0].filename.startswith(_OWN)
                )
            if not was_tracing:
                tracemalloc.stop()

    # How it begins and ends

    def __enter__(self) -> Self:
        record.waiting.patience = max(0.1, self._left())
        record.loopback_only = record.short_sends = True
        threading.excepthook = self._thread_failed
        socket.setdefaulttimeout(None)
        self._quiet.__enter__()
        warnings.simplefilter("ignore", ResourceWarning)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """End everything. A wait of a peer that cannot end is the function's doing."""
        try:
            if isinstance(error, _PEER_GIVES_UP):
                self._give_up(error)
            self._conclude()
            self.events = self._calls_so_far()
            if self._thread_error is not None:
                text = error_text(self._thread_error).partition("\n")[0]
                self.fact(THREAD_ERROR, Quoted(text[:200]))
            self._end_function()
            self._count_open()
        finally:
            threading.excepthook = self._excepthook
            record.waiting.patience = self._patience
            record.loopback_only = record.short_sends = False
            socket.setdefaulttimeout(self._timeout)
            for sock in [*self._traffic.own, *self._returned()]:
                close(sock)
            self._quiet.__exit__(None, None, None)
        return isinstance(error, _PEER_GIVES_UP)

    def _calls_so_far(self) -> tuple[Event, ...]:
        """The calls of this run for the ladder: what made the pair is left out."""
        calls = tuple(event for event in self._recorded() if event.number > self._ready)
        return calls[:CALLS_SHOWN] if self._ended in _NEVER_RESTS else calls

    def _give_up(self, error: BaseException) -> None:
        """A peer could not go on: what is known of the function by then is a fact."""
        self.out_of_time = isinstance(error, OutOfTime)
        if isinstance(error, OSError) and not isinstance(error, Deadlock):
            self.fact("a_peer.saw", "reset")
        if "ended" not in self.facts:
            self.finish()
        for sock in self._traffic.given:
            if sock.fileno() < 0 and getattr(info_of(sock), "name", "") == "sock":
                self.fact("socket", "closed")

    def _conclude(self) -> None:
        """Find out how the function ended, or that it will not."""
        live = self._live
        if live is None or self._ended:
            return
        while not self.is_over and not self._ended:
            rest = self._watch(self._is_at_rest, SNAPSHOT_TIME)
            self.where = live.snapshot()
            if spins := self._traffic.spins():
                self._ended = spins
            elif rest and not live.is_over:
                if self.where.call:
                    self._ended = f"waits_in {self.where.call}"
                elif self._stays_idle(live):
                    self._ended = "waits_for_threads"
            elif self._left() <= 0:
                self._ended = STILL_RUNS
        if not self._ended:
            self._take_result(live)

    def _stays_idle(self, live: LiveServer) -> bool:
        """Whether nobody moves for a while: a thread that was just started looks idle, too."""

        def moves() -> bool:
            return live.is_over or not self._is_at_rest()

        # Who waits for a thread that has just ended goes on in a moment.
        return not self._watch(moves, max(GRACE, self._threads.doubt))

    def _take_result(self, live: LiveServer) -> None:
        try:
            self.value = live.result(1)
            self._ended = "returned"
        except BaseException as error:
            self.error = error
            self._ended = raised(error)
        self.where = live.where
        nothing_done = self.value is None and not self.calls and not self._traffic.has_come
        self.untouched = self._ended == "returned" and nothing_done

    def _returned(self) -> list[socket.socket]:
        return sockets_in([*self._kept, self.value])

    def _end_function(self) -> None:
        for sock in self._traffic.peers:  # its threads unwind those that it works with first
            close(sock)
        if self._live is None:
            return
        if not self.is_over and self._ended not in _NEVER_RESTS:
            self._rest()  # it closes what its peers have closed
        self._threads.end()
        self._live.discard(0)
        self.still_running = bool(self._threads.left())

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """A thread of the function's failed: noted, never printed into the cell."""
        if self._threads.were_there_before(failure.thread):
            self._excepthook(failure)
        elif failure.exc_type is not Stopped:
            self.error = self.error or failure.exc_value
            if not isinstance(failure.exc_value, OSError | None):
                self._thread_error = self._thread_error or failure.exc_value

    def _count_open(self) -> None:
        """Sockets that the function has made and not closed: closed now, and counted."""
        events = self._recorded()
        made: dict[int, Event] = {}
        for event in events:
            if event.actor == self._here.actor:
                continue
            if event.call in ("socket", "socketpair"):
                made[event.socket] = event
            if event.made is not None:
                made[event.made] = event
        for event in events:
            if event.call in ("close", "detach") and not event.note:
                made.pop(event.socket, None)
        returned = {getattr(info_of(sock), "number", None) for sock in self._returned()}
        left = set(made) - returned
        if left and self._ended not in _NEVER_RESTS:
            self.fact("left_open", len(left))
        for number in left:
            close(record.tracker.socket_of(number))

    # Time, and rest

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def check_time(self) -> None:
        """Raise OutOfTime, which ends the scenario, if the time of the check is used up."""
        if self._left() <= 0:
            raise OutOfTime
        record.waiting.patience = max(0.1, self._left())

    @property
    def is_over(self) -> bool:
        """Whether the function has ended, in whatever way."""
        return self._live is None or self._live.is_over

    def _is_at_rest(self) -> bool:
        """Whether the function and its threads have done all they can, or never will."""
        return bool(self._traffic.spins()) or self._threads.are_at_rest()

    def _watch(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until it holds. False after these seconds, or at the end of the check's time."""
        return record.waiting.watch(condition, max(0.0, min(seconds, self._left())), LOOK_EVERY)
