"""The learner's function, with peers around it: what a scenario works with.

Rules of this file:

- The function runs in a thread (`run.py`), the peers in the thread of the check. Both use recorded
  sockets, so the account of what is in flight says when a peer may go on. Nothing sleeps.
- What the run showed is written down as facts: a key and a value that is the same in every run
  (`values.py`). Facts are all that is compared, with what is expected and with known mistakes.
- A stage knows no exercise and no words for the learner.
"""

from __future__ import annotations

import functools
import socket
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from helpers import peers
from helpers.addresses import is_ipv6
from helpers.exercises import fair_time
from helpers.exercises.call_log import CallLog, Line
from helpers.exercises.children import Children
from helpers.exercises.deadline import Deadline, OutOfTime
from helpers.exercises.evidence import Shown, claimable
from helpers.exercises.fair_time import LOOK_EVERY
from helpers.exercises.held_clock import held
from helpers.exercises.run import NEVER_RESTS, STILL_RUNS, Run
from helpers.exercises.sleeping import watched
from helpers.exercises.surroundings import surroundings
from helpers.exercises.traffic import Traffic, has_clients, may_be_on_its_way, readable
from helpers.exercises.values import Quoted, close, plain
from helpers.record.clock import Held
from helpers.record.events import Event
from helpers.record.model import Deadlock
from helpers.record.record import record
from helpers.record.socket_info import info_of, next_number
from helpers.record.waiting import QUIET_TIME
from helpers.text import error_text

HERE = ("127.0.0.1", 0)
Entered = TypeVar("Entered")

RESET_TIME = 1.0
"""Seconds for a reset to come. The first retransmission is 0.2 s after the data on Linux."""


LIMITS = 3
"""Waits with a time limit that end one after another, when the peers have done all. Chosen: who is
still waiting then begins to wait again each time."""

HEARD = 1_000_000
"""Bytes after which a peer that has sent little reads no more: some functions send for ever."""

SHOWN = 40
"""Bytes of them that are told."""


class NeverRests(Exception):
    """The function is in a loop that never ends, so no peer can wait for it."""


class IsNotSeen(Exception):
    """The function goes on in a child process, and nobody sees what that does."""


_PEER_GIVES_UP = (OutOfTime, NeverRests, IsNotSeen, OSError)
"""What a peer's step may end with, if the function is wrong."""


THREAD_ERROR = "thread_error"


class Stage:
    """What a scenario works with: the function, its peers, and the facts so far."""

    def __init__(self, function: Callable[..., Any], deadline: float) -> None:
        self.facts: dict[str, Any] = {}
        """What was seen, in the order in which it was seen."""
        self.events: tuple[Event, ...] = ()
        """The calls of the run, when it has ended."""
        self.calls: tuple[Event, ...] = ()
        """Those of them that the function and its threads have made."""
        self.rested = False
        """The last `settle` found the function at rest: it waited for a peer, or was over."""
        self.out_of_time = False
        """The peers could not do all that they should in the time of the check."""
        self.address: Any = None
        """Where the listener is."""
        self.seconds = 0.0
        """How long it has taken, when it is over."""
        self._begun = time.monotonic()
        self._deadline = Deadline(deadline)
        self._traffic = Traffic()
        self.run = Run(function, self._traffic, self._deadline)
        """The function itself."""
        self.lines: dict[int, Line] = {}
        """The learner's line of each call, by its number; empty outside of a check."""
        if isinstance(record.log, CallLog):
            record.log.begin_anew()
            self.lines = record.log.lines
        self._ready = next_number()
        self.children = Children()
        """The child processes that the function has started."""
        self._around = surroundings(self.run.thread_failed, self.run.never_awaited.append)
        self._sleeps = watched(function)
        self._held = ExitStack()
        self._function = function
        self._watched = self.children.watched()

    @functools.cached_property
    def claimable(self) -> dict[str, Shown]:
        """What a mistake can claim of these calls: to be asked for when the run has ended."""
        return claimable(self.calls)

    @property
    def serves(self) -> bool:
        """The function is a server: it ends well if it waits for the next peer."""
        return self.run.serves

    @serves.setter
    def serves(self, value: bool) -> None:
        self.run.serves = value

    # What a scenario does

    def start(
        self,
        *args: Any,
        use: Callable[[Any], Any] | None = None,
        within: Callable[..., Any] | None = None,
    ) -> None:
        """Call the function with these arguments, in a thread of its own: see `Run.start`."""
        self.run.start(*args, use=use, within=within)

    def during(self, context: AbstractContextManager[Entered]) -> Entered:
        """Enter a context that lasts until the function and its threads have been ended."""
        return self._held.enter_context(context)

    def listen(
        self, backlog: int = 16, send_buffer: int | None = None, host: str = HERE[0], port: int = 0
    ) -> socket.socket:
        """A listener on this machine, at `address`.

        `send_buffer` is the SO_SNDBUF in bytes of the sockets that accept() will make of it.
        """
        family = socket.AF_INET6 if is_ipv6((host, port)) else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=backlog)
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.address = listener.getsockname()
        self._traffic.given.append(listener)
        return self._traffic.keep(listener, "listener")

    def adopt(self, sock: Any, name: str = "listener", given: bool = True) -> socket.socket:
        """A socket that the function has returned, or works with (`given`), or a peer's own."""
        self._traffic.given += [sock] if given else []
        return self._traffic.keep(sock, name)

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
            if not fair_time.watch(has_come, self.run.threads.doubt):
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
        rests, known = self.run.rest(unless), unless is not None and unless()
        self.rested = rests and not known
        if self.children.forks:
            raise IsNotSeen
        if self.run.loops() and not known:
            raise NeverRests
        self._deadline.watch(self._traffic.resets_are_known, RESET_TIME)
        return self

    def let_time_pass(self, seconds: float | None = None) -> None:
        """A pause of the peer that is longer than any limit: who has set one sees it pass, once.

        No clock is waited for: a wait that has a limit, of a function at rest, ends at once. With
        `seconds` (`hold_clock`) the pause is so long, and only limits that are over by then end.
        """
        self.settle()
        self.run.threads.let_time_pass(seconds)
        self.settle()

    def hold_clock(self) -> Held:
        """To be called before `start`: time goes by for the function by `let_time_pass` only."""
        return self.during(held(self._function))

    def fact(self, key: str, value: Any) -> None:
        """What was seen. Both are keys of words, or plain values: see `values.py`."""
        self.facts[key] = value

    def hear(self, sock: socket.socket, who: str, end: bool = False) -> None:
        """What has come from the function: WHO.received; with `end` also how it ended: WHO.saw."""
        came, ending = self.read(sock, HEARD)
        self.fact(f"{who}.received", came if len(came) < HEARD else came[:SHOWN])
        if end:
            self.fact(f"{who}.saw", ending)

    def read(self, sock: socket.socket, most: int = sys.maxsize) -> tuple[bytes, str]:
        """All that comes from the function, and what comes then.

        That is "end", "reset", or "nothing_more": it has done all it can. After so many bytes as
        `most` it is "more_bytes".
        """
        timeout = sock.gettimeout()
        with record.probing():
            sock.settimeout(0)
            try:
                return self._read_all(sock, most)
            finally:
                sock.settimeout(timeout)

    def _read_all(self, sock: socket.socket, most: int) -> tuple[bytes, str]:
        came = bytearray()
        try:
            while len(came) < most:
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
        return bytes(came), "more_bytes"

    def _nothing_comes(self, sock: socket.socket) -> bool:
        """Whether the function has done all it can, and nothing is on its way to this peer."""
        self.check_time()
        at_rest = self.run.rest()
        if may_be_on_its_way(sock):
            return not record.waiting.watch(readable(sock), QUIET_TIME, LOOK_EVERY) and at_rest
        return at_rest and not self.comes_after_all(sock)

    def comes_after_all(self, sock: socket.socket) -> bool:
        """Whether something has come to this peer, or may come soon, of a function at rest.

        A thread that may just have begun, or have got work, is given a while to move.
        """
        has_come = readable(sock)
        return has_come() or self.run.threads.may_send_more(has_come)

    def check_time(self) -> None:
        """Raise OutOfTime, which ends the scenario, if the time of the check is used up."""
        self._deadline.check()

    def close(self, sock: socket.socket) -> None:
        """Close a peer's socket, and let the function notice it."""
        sock.close()
        self.settle()

    def finish(self) -> None:
        """The peers have done all: the function must return now, or stand where it waits.

        Facts: how it `ended`, and what it `returned`.
        """
        self.run.conclude()
        for _ in range(LIMITS):
            if not (self.run.ended.startswith("waits_in") and self.run.threads.have_limits()):
                break
            self.run.threads.let_time_pass()
            self.run.ended = ""
            self.run.conclude()
        self.fact("ended", self.run.ended)
        if self.run.ended == "returned":
            self.fact("returned", plain(self.run.value))

    def stand(self) -> None:
        """The peers have done all: the function must still be there for the next one.

        The fact `ended` says whether it is: "serves".
        """
        self.settle()
        self.run.conclude()
        serving = self.run.ended.startswith("waits_")
        self.fact("ended", "serves" if serving else self.run.ended)

    # How it begins and ends

    def __enter__(self) -> Self:
        self._around.__enter__()
        self._sleeps.__enter__()
        self._watched.__enter__()
        self._deadline.limit_patience()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """End everything. A wait of a peer that cannot end is the function's doing."""
        run = self.run
        try:
            if isinstance(error, _PEER_GIVES_UP):
                self._give_up(error)
            run.conclude()
            # It neither waited nor computed: it was slow, and the check did not wait for it.
            self.out_of_time = self.out_of_time or (run.ended == STILL_RUNS and not run.computes)
            self.events, self.calls = run.shown(self._ready)
            if isinstance(record.log, CallLog):
                record.log.note_waits(run.threads.states())
            if run.thread_error is not None:
                text = error_text(run.thread_error).partition("\n")[0]
                self.fact(THREAD_ERROR, Quoted(text[:200]))
            self._watched.__exit__(None, None, None)  # children have copies of its sockets
            for sock in self._traffic.peers:  # its threads unwind those that it works with first
                close(sock)
            run.end()
            if socket.getdefaulttimeout() is not None:
                self.fact("whole_program", "changed")
            if (count := run.close_open()) and run.ended not in NEVER_RESTS:
                self.fact("left_open", count)
        finally:
            made = [sock for sock in run.returned() if run.has_made(sock)]
            for sock in [*self._traffic.own, *made]:
                close(sock)
            self._held.close()
            self._sleeps.__exit__(None, None, None)
            self._around.__exit__(None, None, None)
            self.seconds = time.monotonic() - self._begun
        return isinstance(error, _PEER_GIVES_UP)

    def _give_up(self, error: BaseException) -> None:
        """A peer could not go on: what is known of the function by then is a fact."""
        self.out_of_time = isinstance(error, OutOfTime)
        if isinstance(error, OSError) and not isinstance(error, Deadlock):
            self.fact("a_peer.saw", "reset")
        if "ended" not in self.facts:
            self.finish()
            if self.serves and self.run.ended.startswith("waits_"):
                self.fact("ended", "serves")
        for sock in self._traffic.given:
            if sock.fileno() < 0 and getattr(info_of(sock), "name", "") == "sock":
                self.fact("socket", "closed")
