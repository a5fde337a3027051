"""One run of the learner's function, with peers around it.

Rules of this file:

- The function runs in a thread, as a live server does; the peers run in the thread of the
  check. Both use recorded sockets, so the account of what is in flight says when the function
  has done all it can, and when a wait of either side cannot end. Nothing sleeps.
- What the run showed is written down as facts: a name and a value that is the same in every
  run. Facts are all that is compared, with what was expected and with known mistakes.
- Whatever the function does, the run ends: in time, with its threads ended and its sockets
  closed. What cannot be ended (a thread that sleeps) is told.
- A stage knows no exercise and no words for the learner.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
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
from helpers.actors import ActorState, Deadlock, Stopped, Wait, is_broken, is_ready
from helpers.calls import note_of
from helpers.events import Event
from helpers.exercises.standing import WAITING, Standing, standing
from helpers.flight import Endpoint
from helpers.live import LiveServer
from helpers.record import QUIET_TIME, SPIN, record
from helpers.where import Where

HERE = ("127.0.0.1", 0)

SETTLE_TIME = 1.0
"""Seconds that a step of a peer waits for a function that neither waits nor ends."""

DOUBT_TIME = 0.3
"""Seconds given to a thread that the record does not know to take what is in flight."""

STOP_TIME = 0.5
"""Seconds given to the function to end when it is asked to, before it is interrupted."""

GRACE = 0.1
"""Seconds given to a thread that waits for another one to notice that this one has ended."""

RESET_TIME = 1.0
"""Seconds for a reset to come. The first retransmission is 0.2 s after the data on Linux."""

LOOK_EVERY = 0.005

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


_NEVER_RESTS = ("reads the end for ever", "goes on after an error", "still running")


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
        self._own: list[socket.socket] = []
        """The sockets that this stage has made."""
        self._given: list[socket.socket] = []
        """Those of them that the function works with."""
        self._links: list[Endpoint] = []
        """The peers' ends of their connections to the function."""
        self._here = record.state()
        self._before_states = set(record.living)
        self._before_threads = set(threading.enumerate())
        self._mark = self._ready = record.mark()
        self._patience = record.patience
        self._timeout = socket.getdefaulttimeout()
        self._excepthook = threading.excepthook
        self._quiet = warnings.catch_warnings()
        """Sockets that the function leaves open are told in a fact, not by warnings."""
        self._doubted: dict[Wait, float] = {}
        self._unsure_since: float | None = None
        self._known_idle: frozenset[Any] = frozenset()
        """Who stood where when it turned out that the idle threads take nothing."""
        self._heard_idle: frozenset[Any] = frozenset()
        """Who stood where when it turned out that they send nothing."""

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
        self._given.append(listener)
        return self._keep(listener, "listener")

    def adopt(self, listener: socket.socket) -> socket.socket:
        """A listener that the function has returned. Its clients count as in flight, too."""
        self._given.append(listener)
        return self._keep(listener, "listener")

    def connect(self, address: Any, name: str, receive_buffer: int | None = None) -> socket.socket:
        """A client that is connected to `address`. The record calls it `name`."""
        client = self._keep(peers.connect(address, receive_buffer), name)
        self._link(client)
        return client

    def accept(self, listener: socket.socket, name: str) -> socket.socket | None:
        """The connection of the function's client; None if it has not connected."""

        def has_come() -> bool:
            return is_ready(listener.fileno(), write=False)

        rests = 0  # seen at rest twice: the first time it may only just have begun
        while not has_come():
            rests = rests + 1 if self.settle(unless=has_come).rested else 0
            if rests < 2:
                continue
            note = note_of(listener)
            if note is not None and note.listening is not None and note.listening.knocks:
                break  # connect() has returned: a busy kernel brings the client in a moment
            if not self._idle_scene() or not record.watch(has_come, DOUBT_TIME, LOOK_EVERY):
                return None
        conn, _ = listener.accept()
        self._keep(conn, name)
        self._link(conn)
        return conn

    def pair(self, receive_buffer: int | None = None) -> tuple[socket.socket, socket.socket]:
        """Two connected sockets: the peer's, and `sock` for the function."""
        with self.listen() as listener:
            peer = self.connect(listener.getsockname(), "peer", receive_buffer)
            sock, _ = listener.accept()
            self._given.append(self._keep(sock, "sock"))
        self._ready = record.mark()
        return peer, sock

    def settle(self, unless: Callable[[], bool] | None = None) -> Stage:
        """Wait until the function has done all it can: it waits for a peer, or is over.

        Not longer than until `unless` holds: then it is known that it never rests.
        """
        self.check_time()
        self.rested = self._rest(unless) and not (unless and unless())
        if self._spins():
            raise NeverRests
        record.watch(self._has_heard_of_resets, max(0.0, min(RESET_TIME, self._left())), LOOK_EVERY)
        return self

    def _has_heard_of_resets(self) -> bool:
        """Whether each peer knows that its data came to a socket that is closed.

        The answer to that data is a reset (RFC 9293, 3.10.7.1). About once in a thousand times
        Linux drops the data without an answer, and its retransmission gets one.
        """
        for sock in self._own:
            note = note_of(sock)
            end = note.endpoint if note is not None else None
            if end is None or end.peer is None or not end.peer.closed:
                continue
            if end.outgoing.in_flight and not is_broken(sock.fileno()):
                return False
        return True

    def _rest(self, unless: Callable[[], bool] | None = None) -> bool:
        """Wait for it, and say whether it has come to rest."""
        self._doubted.clear()
        self._unsure_since = None

        def is_known() -> bool:
            return self._is_at_rest() or (unless is not None and unless())

        return record.watch(is_known, max(0.0, min(SETTLE_TIME, self._left())), LOOK_EVERY)

    def note(self, name: str, value: Any) -> None:
        """A fact."""
        self.facts[name] = value

    def hear(self, sock: socket.socket, name: str, end: bool = False) -> None:
        """Note what has come from the function: `name` received; with `end` also how it ended."""
        came, ending = self.read(sock)
        self.note(f"{name} received", came)
        if end:
            self.note(f"{name} saw", ending)

    def read(self, sock: socket.socket) -> tuple[bytes, str]:
        """All that comes from the function, and what comes then.

        That is "the end", "a reset", or "nothing more": it has done all it can.
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
                        return bytes(came), "nothing more"
                    continue
                if not received:
                    return bytes(came), "the end"
                came += received
        except ConnectionError:
            return bytes(came), "a reset"
        finally:
            sock.settimeout(timeout)

    def _nothing_comes(self, sock: socket.socket) -> bool:
        """Whether the function has done all it can, and nothing is on its way to this peer."""

        def readable() -> bool:
            return is_ready(sock.fileno(), write=False)

        self.check_time()
        at_rest = self._rest()
        if self._may_be_on_its_way(sock):
            return not record.watch(readable, QUIET_TIME, LOOK_EVERY) and at_rest
        return at_rest and not self.comes_after_all(sock)

    def comes_after_all(self, sock: socket.socket) -> bool:
        """Whether something has come to this peer, or may come soon, of a function at rest.

        A thread that may just have begun, or have got work, is given a while to move.
        """

        def readable() -> bool:
            return is_ready(sock.fileno(), write=False)

        if readable():
            return True
        idle = self._idle_scene()
        if not idle or idle == self._heard_idle:
            return False

        def moves() -> bool:
            return readable() or self._idle_scene() != idle

        if record.watch(moves, DOUBT_TIME, LOOK_EVERY):
            return True
        self._heard_idle = idle
        return False

    def _idle_scene(self) -> frozenset[Any]:
        """Who waits for what, if there is a thread that may just have begun, or have got work."""
        unknown = self._unknown()
        states = self._states()
        idents = [each.ident for each in unknown]
        idents += [each.ident for each in states if each.wait is None]
        doubtful = any(standing(each) is not Standing.WAITS for each in idents)
        return _scene(unknown, states) if doubtful else frozenset()

    def left_in(self, sock: socket.socket) -> None:
        """Note what the function has left in the stream, and whether it left the socket open."""
        if self._live is None or not self._live.is_over:
            return

        def readable() -> bool:
            return is_ready(sock.fileno(), write=False)

        note = note_of(sock)
        came = b""
        state = "closed"
        if sock.fileno() >= 0 and note is not None and note.endpoint is not None:
            state = "open" if sock.gettimeout() is None else "open, with another timeout"
            sock.settimeout(0)
            incoming = note.endpoint.incoming
            with suppress(OSError):
                while incoming.in_flight and record.watch(readable, QUIET_TIME, LOOK_EVERY):
                    received = sock.recv(65536)
                    if not received:
                        break
                    came += received
        self.note("left in the stream", came)
        self.note("the socket", state)

    def close(self, sock: socket.socket) -> None:
        """Close a peer's socket, and let the function notice it."""
        sock.close()
        self.settle()

    def finish(self) -> None:
        """The peers have done all: the function must return now, or stand where it waits.

        Notes how it ended, and with `returned` what it returned.
        """
        self._conclude()
        self.note("ended", self._ended)
        if self._ended == "returned":
            self.note("returned", plain(self.value))

    def stand(self) -> None:
        """The peers have done all: the function must still be there for the next one.

        Notes whether it is (`ended`: serves).
        """
        self.settle()
        self._conclude()
        serving = self._ended.startswith("waits ")
        self.note("ended", "serves" if serving else self._ended)

    @property
    def calls(self) -> tuple[Event, ...]:
        """The calls that the function and its threads have made so far."""
        return tuple(each for each in record.since(self._mark) if each.actor != self._here.actor)

    def has_made(self, sock: socket.socket) -> bool:
        """Whether the socket was made in this run; also if it is not recorded, so nobody knows."""
        note = note_of(sock)
        return note is None or note.number > self._mark

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
        record.patience = max(0.1, self._left())
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
            self._end_function()
            self._count_open()
        finally:
            threading.excepthook = self._excepthook
            record.patience = self._patience
            record.loopback_only = record.short_sends = False
            socket.setdefaulttimeout(self._timeout)
            for sock in [*self._own, *self._returned()]:
                close(sock)
            self._quiet.__exit__(None, None, None)
        return isinstance(error, _PEER_GIVES_UP)

    def _calls_so_far(self) -> tuple[Event, ...]:
        """The calls of this run for the ladder: what made the pair is left out."""
        calls = tuple(event for event in record.since(self._mark) if event.number > self._ready)
        return calls[:CALLS_SHOWN] if self._ended in _NEVER_RESTS else calls

    def _give_up(self, error: BaseException) -> None:
        """A peer could not go on: what is known of the function by then is noted."""
        if isinstance(error, OSError) and not isinstance(error, Deadlock):
            self.note("a peer saw", "a reset")
        if "ended" not in self.facts:
            self.finish()
        for sock in self._given:
            if sock.fileno() < 0 and getattr(note_of(sock), "name", "") == "sock":
                self.note("the socket", "closed")

    def _conclude(self) -> None:
        """Find out how the function ended, or that it will not."""
        live = self._live
        if live is None or self._ended:
            return
        while not self.is_over and not self._ended:
            rest = record.watch(self._is_at_rest, max(0.0, min(0.05, self._left())), LOOK_EVERY)
            self.where = live.glance()
            if spins := self._spins():
                self._ended = spins
            elif rest and not live.is_over:
                if self.where.call:
                    self._ended = f"waits in {self.where.call}()"
                elif self._stays_idle(live):
                    self._ended = "waits for its threads"
            elif self._left() <= 0:
                self._ended = _NEVER_RESTS[-1]
        if not self._ended:
            self._take_result(live)

    def _stays_idle(self, live: LiveServer) -> bool:
        """Whether nobody moves for a while: a thread that was just started looks idle, too."""

        def moves() -> bool:
            return live.is_over or not self._is_at_rest()

        doubt = DOUBT_TIME if self._idle_scene() else GRACE  # it may just go on after a join()
        return not record.watch(moves, min(doubt, max(0.0, self._left())), LOOK_EVERY)

    def _take_result(self, live: LiveServer) -> None:
        try:
            self.value = live.result(1)
            self._ended = "returned"
        except BaseException as error:
            self.error = error
            self._ended = f"raised {error_name(error)}"
        self.where = live.where
        sent = any(end.incoming.received for end in self._links) or any(
            is_ready(peer.fileno(), write=False) for peer in self._own if peer not in self._given
        )
        nothing_done = self.value is None and not self.calls and not sent
        self.untouched = self._ended == "returned" and nothing_done

    def _returned(self) -> list[socket.socket]:
        return sockets_in([*self._kept, self.value])

    def _end_function(self) -> None:
        for sock in self._own:
            if sock not in self._given:  # its thread unwinds that one first
                close(sock)
        if self._live is None:
            return
        if not self.is_over and self._ended not in _NEVER_RESTS:
            self._rest()  # it closes what its peers have closed
        for interrupt in (False, True):
            left = self._threads_left()
            for thread in left:
                if interrupt and standing(thread.ident) not in WAITING:
                    _interrupt(thread)
                self._ask_to_stop(thread)  # again: the first time it may not have begun
            self._until_ended(left, STOP_TIME, or_idle=True)
            self._until_ended(left, GRACE, or_idle=False)
        self._live.discard(0)
        self.still_running = bool(self._threads_left())

    @staticmethod
    def _until_ended(threads: list[threading.Thread], seconds: float, or_idle: bool) -> None:
        """Wait for these threads; or only until those that are left wait for another thread."""

        def ended() -> bool:
            return not any(
                thread.is_alive() and not (or_idle and standing(thread.ident) in WAITING)
                for thread in threads
            )

        if threads:
            record.watch(ended, seconds, LOOK_EVERY)

    def _ask_to_stop(self, thread: threading.Thread) -> None:
        for state in list(record.living):
            if state.ident == thread.ident:
                state.ask_to_stop(self._here.clock)

    def _threads_left(self) -> list[threading.Thread]:
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self._before_threads
            and thread.is_alive()
            and not record.is_machinery(thread)
        ]

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """A thread of the function's failed: noted, never printed into the cell."""
        if failure.thread in self._before_threads:
            self._excepthook(failure)
        elif failure.exc_type is not Stopped:
            self.error = self.error or failure.exc_value

    def _count_open(self) -> None:
        """Sockets that the function has made and not closed: closed now, and counted."""
        events = record.since(self._mark)
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
        returned = {getattr(note_of(sock), "number", None) for sock in self._returned()}
        left = set(made) - returned
        if left and self._ended not in _NEVER_RESTS:
            self.note("left open", len(left))
        for number in left:
            close(record.socket_of(number))

    # Looking

    def _keep(self, sock: socket.socket, name: str) -> socket.socket:
        self._own.append(sock)
        note = note_of(sock)
        if note is not None:
            note.name, note.name_tries = name, 0
        return sock

    def _link(self, sock: socket.socket) -> None:
        note = note_of(sock)
        if note is not None and note.endpoint is not None:
            self._links.append(note.endpoint)

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def check_time(self) -> None:
        """Raise OutOfTime, which ends the scenario, if the time of the check is used up."""
        if self._left() <= 0:
            raise OutOfTime
        record.patience = max(0.1, self._left())

    @property
    def is_over(self) -> bool:
        """Whether the function has ended, in whatever way."""
        return self._live is None or self._live.is_over

    def _unknown(self) -> list[threading.Thread]:
        """The threads of the function that have made no call yet."""
        return [each for each in record.unknown_threads() if each not in self._before_threads]

    def _states(self) -> list[ActorState]:
        return [
            state
            for state in list(record.living)
            if state is not self._here and state not in self._before_states
        ]

    def _is_at_rest(self) -> bool:
        """Whether the function and its threads have done all they can."""
        if self._spins():
            return True
        in_flight = self._is_something_in_flight()
        unknown = self._unknown()
        stand = [standing(each.ident) for each in unknown]
        if Standing.RUNS in stand:
            return self._busy()
        unsure = any(each is not Standing.WAITS for each in stand)
        with record.lock:
            states = self._states()
            for state in states:
                wait = state.wait
                if wait is None:
                    stands = standing(state.ident)
                    if stands not in WAITING:
                        return self._busy()
                    unsure = unsure or stands is Standing.WAITS_A_WHILE
                elif wait.several is not None and not in_flight and not wait.is_over:
                    continue
                elif not record.has_settled(state, self._doubted):
                    return self._busy()
        if self._unknown() != unknown or self._states() != states:
            return self._busy()  # somebody has begun meanwhile
        if not unsure or not in_flight:
            return True
        # Only who moves can give work to an idle thread: if nobody has since, none will come.
        scene = _scene(unknown, states)
        now = time.monotonic()
        if self._unsure_since is None:
            self._unsure_since = now
        if scene != self._known_idle and now - self._unsure_since < DOUBT_TIME:
            return False
        self._known_idle = scene
        return True

    def _busy(self) -> bool:
        self._unsure_since = None
        return False

    def _is_something_in_flight(self) -> bool:
        """Whether a peer has sent something that the function has not taken."""
        for end in self._links:
            peer = end.peer
            if peer is None or peer.closed:
                continue
            if end.outgoing.in_flight or (end.outgoing.end is not None and not peer.ends_read):
                return True
        return any(
            note.listening is not None and note.listening.knocks
            for note in map(note_of, self._own)
            if note is not None
        )

    @staticmethod
    def _may_be_on_its_way(sock: socket.socket) -> bool:
        """Whether something may come to this peer that the kernel is still moving."""
        note = note_of(sock)
        if note is None or note.endpoint is None:
            return True
        return not (note.endpoint.expects_nothing and note.endpoint.peer_is_seen)

    def _spins(self) -> str:
        """Whether it is in a loop that never ends, and in which; `""` if not."""
        ends = [end.peer for end in self._links if end.peer is not None]
        if any(end.ends_read > SPIN for end in ends):
            return _NEVER_RESTS[0]
        return _NEVER_RESTS[1] if any(end.errors_met > SPIN for end in ends) else ""


def _scene(unknown: list[threading.Thread], states: list[ActorState]) -> frozenset[Any]:
    """Who stands where: the same again as long as nobody has moved."""
    return frozenset([*unknown, *(state.wait or state for state in states)])


def close(sock: socket.socket | None) -> None:
    """Close a socket that a learner's function had in its hands: nothing of it is trusted."""
    if sock is not None:
        with suppress(Exception):
            sock.close()


def error_name(error: BaseException) -> str:
    """An error as a fact: its class, and the name of its number where it has one."""
    name = type(error).__name__
    if isinstance(error, EOFError):
        return "EOFError"  # who catches that, catches its subclasses too
    if hasattr(builtins, name) and type(error).__module__ != "builtins":
        return f"another {name}"
    if type(error) is OSError and error.errno is not None:
        return f"{name} {errno.errorcode.get(error.errno, error.errno)}"
    return name


def plain(value: Any, depth: int = 4) -> Any:
    """A value as a fact: bytes, text and numbers stay, of anything else only its type is told.

    So nothing that a function returns can compare, or show itself, in a way of its own.
    """
    kind = type(value)
    if kind in (bytearray, memoryview):
        with suppress(ValueError):  # a memoryview may be released
            return bytes(value)
    if kind in (list, tuple) and depth:
        return [plain(each, depth - 1) for each in value]
    if value is None or kind in (bytes, str, int, float, bool):
        return value
    return f"a value of type {kind.__name__}"


def sockets_in(value: Any) -> list[socket.socket]:
    """The sockets that a function has returned: alone, or in tuples, lists and dicts."""
    if is_socket(value):
        return [value]
    found = []
    waiting, seen = [value], set()
    while waiting:
        now = waiting.pop()
        if is_socket(now):
            found.append(now)
        elif issubclass(type(now), tuple | list | dict) and id(now) not in seen:
            seen.add(id(now))
            waiting += dict.values(now) if issubclass(type(now), dict) else items_of(now)
    return found


def items_of(value: Any) -> list[Any]:
    """What is in a tuple or a list; a subclass may lie about it."""
    kind = tuple if issubclass(type(value), tuple) else list
    return [*kind.__iter__(value)]


def is_socket(value: Any) -> bool:
    """Whether a value is a socket: an imitation may say that it is one."""
    return issubclass(type(value), socket.socket)


def _interrupt(thread: threading.Thread) -> None:
    """Raise `Stopped` in a thread that runs Python code and makes no socket call.

    CPython raises it before the next bytecode (PyThreadState_SetAsyncExc, C API). A thread
    that sleeps, or is inside a C function, goes on until that returns.
    """
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(Stopped)
        )
