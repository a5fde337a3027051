"""The record: one list of calls, the actors that make them, and how they wait.

Rules of this file, and of what `Record` is made of:

- There is one record in a process (`record`). Its parts share its lock (`lock.py`), and none of
  them knows the record.
- A socket method begins a call, tells the parts what it does, and ends the call (`done`,
  `failed`). What it noted is read from the log, and becomes events only then (`reading.py`).
- It knows nothing of sockets' classes, of IPython, of views or of the course.
"""

from __future__ import annotations

import os
from typing import Any

from helpers.record.actors import Actors
from helpers.record.adopting import Adopting
from helpers.record.busy_loop import made_no_progress
from helpers.record.carrying import Carrying
from helpers.record.events import Outcome
from helpers.record.leaving import Leaving
from helpers.record.lock import DrainingLock
from helpers.record.methods import SENDING
from helpers.record.model import ActorState, Call, Deadlock, Stopped
from helpers.record.posting import Posting
from helpers.record.reading import Reading
from helpers.record.socket_info import SocketInfo
from helpers.record.synchronizing import Synchronizing
from helpers.record.tls import TLSAccount
from helpers.record.tracker import Tracker
from helpers.record.waiting import Waiting
from helpers.record.watchers import Watchers
from helpers.record.wire import Wire
from helpers.text import error_text


class Record(Reading):
    """Everything that was recorded in this process."""

    def __init__(self) -> None:
        lock = DrainingLock()
        watchers = Watchers(lock)
        super().__init__(lock, Actors(lock, watchers))
        self.enabled = False
        self.loopback_only = False
        """Refuse every listen() that other computers could reach."""
        self.loopback_device = False
        """A listener at every interface hears this machine alone, where the system can do that."""
        self.ipv6_only = False
        """A new socket of IPv6 has IPV6_V6ONLY on, as on Windows, on whatever system."""
        self.refused_binds = 0
        """So many calls of bind() with a port other than 0 fail: somebody else has it."""
        self.no_way_to: Any = None
        """Each datagram to this address fails: there is no way to it."""
        self.short_sends = False
        """A send() that has to wait takes only a part of the data, as it may (man 2 send)."""
        self.wire = Wire()
        self.watchers = watchers
        self.synchronizing = Synchronizing(self.actors)
        self.waiting = Waiting(lock, self.actors, watchers)
        self.tracker = Tracker(lock, self.wire, watchers)
        self.posting = Posting(self.lock, self.wire)
        self.carrying = Carrying(lock)
        self.leaving = Leaving(lock, self.wire)
        self.adopting = Adopting(self.lock, self.wire, self.tracker)
        self.tls = TLSAccount(lock, self.wire, self.carrying)
        self.among_locks = 0
        """Lamport time of the latest call of the threads that may hand over by a lock."""
        self._local = self.actors.local
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked, after_in_parent=self.wire.untrack)

    def _forked(self) -> None:
        """A child process records nothing: its parent cannot see it."""
        self.lock.renew()
        self.enabled = False

    # A call

    def begin(
        self,
        sock: Any,
        info: SocketInfo | None,
        name: str,
        arguments: tuple[Any, ...] = (),
        can_wait: bool = False,
    ) -> Call | None:
        """A call begins. None if it is not to be recorded.

        Raises `Stopped` in a live server that is asked to stop.
        """
        if info is None or not self.enabled:
            return None
        try:
            state: ActorState = self._local.state
        except AttributeError:
            state = self.actors.state()
        if can_wait and state.stopping:
            state.stop_if_asked()
        if not info.name and info.name_tries and name != "socket":
            info.learn_name(sock)
        began, used = state.clock, info.used
        began = (began if began > used else used) + 1
        if state.takes_locks and self.among_locks >= began:
            began = self.among_locks + 1
        state.clock = began
        endpoint = info.endpoint
        if endpoint is not None:
            endpoint.owners.add(state)
        return Call(state, info, name, arguments, began)

    def done(self, call: Call, outcome: Outcome = "done") -> None:
        """The call returned (or raised, see `failed`)."""
        state = call.state
        call.outcome = outcome
        state.timed_out = None
        clock = call.clock
        if clock > state.clock:
            state.clock = clock
        info = call.info
        if clock > info.used:
            info.used = clock
        if state.takes_locks and clock > self.among_locks:
            self.among_locks = clock
        self.log.append(call)
        if call.at_end is not None:
            call.at_end(call)
        if self.watchers.subscribers:
            self.watchers.tell_subscribers()
        if call.no_progress:
            made_no_progress(state)
        elif call.size:
            state.no_progress = 0

    def failed(self, call: Call, error: BaseException) -> None:
        """The call raised."""
        told = type(error).__name__ if isinstance(error, Deadlock) else error_text(error)
        call.error = told.partition("\n")[0]
        self.carrying.failed(call, error)
        if call.has_waited and not call.causes and not (call.size and call.name in SENDING):
            self.broken_off(call, error)  # else: who receives what it sent comes after it
        call.no_progress = True
        self.done(call, "failed")
        limit_is_over = call.has_waited and isinstance(error, BlockingIOError)
        if limit_is_over or isinstance(error, TimeoutError):
            call.state.timed_out = (call.name, call.info.number)

    def broken_off(self, call: Call, error: BaseException) -> None:
        """A wait ended, and nothing came over the wire: the call ends now, not where it began.

        A stop comes from the one who stops. A wait whose time is up, that is interrupted, or that
        cannot end, has seen pass by all that was noted meanwhile.
        """
        stopped = isinstance(error, Stopped)
        ended = call.state.clock if stopped else max(self.log.latest(), call.info.used)
        if ended > call.clock:  # else nothing has happened meanwhile
            call.came_after(ended)

    def collected(self, info: SocketInfo) -> None:
        """A socket that was never closed is about to be collected. Takes no lock."""
        if not self.enabled:
            self.lock.tell(lambda: self.tracker.detached(info))
            return
        state = self.actors.known_here() or self.actors.cell
        if state is None:
            return
        state.clock = max(state.clock, info.used) + 1
        call = Call(state, info, "close", (), state.clock)
        call.remark = "not closed by the program: collected"
        call.left_out = info.number < self.begun_anew  # its name was given to the new one
        call.outcome = "done"

        def enter() -> None:
            self.log.append(call)
            self.leaving.closing(info, call.timestamp)

        self.lock.tell(enter)


record = Record()
