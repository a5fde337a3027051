"""The record: one list of calls, the actors that make them, and how they wait.

Rules of this file:

- There is one record in a process (`record`). Its `lock` guards the account (`flight`),
  the set of living actors and those who watch. It is held for bookkeeping only, never
  across a real socket call or a wait.
- The list of calls takes a new one without the lock, and what an actor waits for is set
  without it, by its own thread. So whoever looks at them, looks once: at a copy.
- A socket may be collected anywhere, even while the lock is held. So `collected` takes no
  lock: it leaves a message that the next holder of the lock reads. And the lock is one that
  its holder may take again: other finalizers (of makefile, of asyncio) close their sockets.
- Whoever holds the lock takes no other one.
- It knows nothing of IPython, of views or of the course.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from helpers.record.actors import ActorState, Deadlock, ThreadEnd, Wait
from helpers.record.events import DATA_KEPT, Actor, Event, Outcome
from helpers.record.model import Call, SocketInfo, next_number
from helpers.record.wait_for import Outlook, deadlock_message, outlook, patience_message, verdict
from helpers.record.wire import (
    Datagram,
    Endpoint,
    PendingConnect,
    Segment,
    Timestamp,
    Wire,
)

CALLS_KEPT = 10_000
"""The list of calls is bounded: older ones are forgotten, and counted."""

FORGOTTEN_AT_ONCE = 100

PATIENCE = 10.0
"""Seconds that a cell waits for a program that is not recorded."""

QUIET_TIME = 0.05
"""Seconds in which the kernel must have moved what it can between its own buffers."""

LOOK_EVERY = 0.025
"""Seconds after which a waiting cell looks whether its wait can still end."""

TRUST_KERNEL = 0.5
"""Seconds after which "nothing to read" from the kernel overrules the account."""

BUSY_LOOP = 1000
"""Calls in a row that moved nothing, after which a loop is taken for one that does not wait: the
end, b'', was received again, an error came, or there was no room or no data."""

THROTTLE, THROTTLE_EVERY = 0.001, 8
"""Seconds that such a loop pauses at every so many further calls: others get the interpreter."""

IGNORED_PACKAGES = frozenset(
    {
        "debugpy",
        "ipykernel",
        "jupyter_client",
        "jupyter_server",
        "pydevd",
        "tornado",
        "traitlets",
        "zmq",
    }
)
"""Packages whose own sockets and threads are not recorded."""


class Quiet(NamedTuple):
    """Since when nobody has moved: who waited then, waits now, and in the same wait."""

    waits: frozenset[object]
    """The waits, or for one that is made over and over its key."""
    since: float


class Record:
    """Everything that was recorded in this process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.enabled = False
        self.patience = PATIENCE
        self.loopback_only = False
        """Refuse every listen() that other computers could reach."""
        self.short_sends = False
        """A send() that has to wait takes only a part of the data, as it may (man 2 send)."""
        self.wire = Wire()
        self.active: set[ActorState] = set()
        self.cell: ActorState | None = None
        """The actor of the notebook's cells (or of the program that records itself)."""
        self._calls: deque[Call] = deque()
        self._forgotten = 0
        self._forgotten_unshown = 0
        self._cleared = 0
        self._is_isolated = False
        self._watchers: list[ActorState] = []
        self._onlookers: tuple[Callable[[], None], ...] = ()
        self._connect_named = threading.Condition(self.lock)
        self._messages: deque[Callable[[], None]] = deque()
        self._local = threading.local()
        self.ignored_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
        """Threads that were there before the recorder: Jupyter's own machinery."""
        self._sockets: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked, after_in_parent=self.wire.untrack)

    # Actors

    def state(self) -> ActorState:
        """The actor of the running thread."""
        try:
            found: ActorState = self._local.state
            return found
        except AttributeError:
            name = threading.current_thread().name
            with self.lock:
                self._read_messages()
                alike = {each.actor.serial for each in self.active if each.actor.name == name}
                serial = next(number for number in itertools.count() if number not in alike)
                state = ActorState(Actor(1000, name, "thread", serial))
                self.enter(state)
            self._local.end = ThreadEnd(lambda: self._ended(state))
            return state

    def _ended(self, state: ActorState) -> None:
        """The thread of this actor is over. Takes no lock: it may be told at any moment."""
        state.end()
        self._tell(lambda: self._remove(state))

    def enter(self, state: ActorState) -> None:
        """The running thread makes its calls as this actor from now on."""
        before: ActorState | None = getattr(self._local, "state", None)
        self._local.state = state
        state.ident = threading.get_ident()
        with self.lock:
            if before is not None:
                self._remove(before)
            self.active.add(state)

    @contextmanager
    def acting_as(self, state: ActorState) -> Iterator[None]:
        """The running thread makes its calls as this actor inside the block.

        The actor is not among the living: nobody waits until it has come to rest, and no
        verdict on a deadlock counts on it. Whoever lends it to several threads sees to it
        that they take turns.
        """
        before = dict(self._local.__dict__)
        self._local.state = state
        self._local.acts = True
        try:
            yield
        finally:
            self._local.__dict__.clear()
            self._local.__dict__.update(before)

    def actor_here(self) -> ActorState | None:
        """The actor of the running thread, if it is one that others may wait for."""
        if not self.enabled:
            return None
        state: ActorState | None = getattr(self._local, "state", None)
        if state is None:
            return None if self.is_ignored(threading.current_thread()) else self.state()
        return state if state in self.active else None

    def expect(self, state: ActorState) -> None:
        """The actor's thread is about to start. From now on it can be asked to stop."""
        state.ready_to_wait()
        with self.lock:
            self.active.add(state)

    def unknown_threads(self) -> list[threading.Thread]:
        """The threads that are alive and have made no call yet, and so could make one."""
        with self.lock:
            known = {state.ident for state in self.active if state.ident is not None}
        return [
            thread
            for thread in threading.enumerate()
            if thread.ident not in known and not self.is_ignored(thread)
        ]

    def is_ignored(self, thread: threading.Thread) -> bool:
        """Whether the thread is Jupyter's own.

        It starts some when they are first needed: for a page that opens, for a large message.
        """
        return (
            thread in self.ignored_threads
            or type(thread).__module__.partition(".")[0] in IGNORED_PACKAGES
        )

    def acts_ignored(self) -> bool:
        """Whether the running thread was there before the recorder, and acts for nobody."""
        acts = getattr(self._local, "acts", False)
        return not acts and threading.current_thread() in self.ignored_threads

    def leave(self, state: ActorState) -> None:
        """The actor's thread is about to end."""
        self._local.__dict__.pop("state", None)
        with self.lock:
            self._read_messages()
            self._remove(state)

    def _remove(self, state: ActorState) -> None:
        self.active.discard(state)
        state.end()
        self.moved(state)

    def _tell(self, message: Callable[[], None]) -> None:
        """Leave a message for the next holder of the lock."""
        self._messages.append(message)

    def _read_messages(self) -> None:
        while self._messages:
            self._messages.popleft()()

    def _forked(self) -> None:
        """A child process records nothing: its parent cannot see it."""
        self.lock = threading.RLock()
        self.enabled = False

    # Calls

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
            state = self.state()
        if can_wait and state.stopping:
            state.stop_if_asked()
        if not info.name and info.name_tries and name != "socket":
            info.learn_name(sock)
        began = (state.clock if state.clock > info.born else info.born) + 1
        state.clock = began
        if info.endpoint is not None:
            info.endpoint.owners.add(state)
        return Call(state, info, name, arguments, began)

    def done(self, call: Call, outcome: Outcome = "done") -> None:
        """The call returned (or raised, see `failed`)."""
        call.outcome = outcome
        call.state.timed_out = None
        if call.clock > call.state.clock:
            call.state.clock = call.clock
        calls = self._calls
        calls.append(call)
        if len(calls) > CALLS_KEPT:
            with self.lock:
                self._forget_oldest()
        if self._onlookers:
            self._tell_onlookers()
        if call.no_progress:
            self.made_no_progress(call.state)
        elif call.size:
            call.state.no_progress = 0

    def failed(self, call: Call, error: BaseException) -> None:
        """The call raised."""
        text = "" if isinstance(error, Deadlock) else str(error).partition("\n")[0]
        call.error = f"{type(error).__name__}: {text}" if text else type(error).__name__
        with self.lock:
            self._read_messages()
            endpoint = call.info.endpoint
            if endpoint is not None and isinstance(error, BlockingIOError):
                endpoint.would_block_count += 1
            if endpoint is not None and isinstance(error, ConnectionError):
                endpoint.connection_errors += 1
                call.follow(endpoint.incoming.end, endpoint.incoming.end_kind)
        call.no_progress = True
        self.done(call, "failed")
        if isinstance(error, TimeoutError):
            call.state.timed_out = (call.name, call.info.number)

    @staticmethod
    def made_no_progress(state: ActorState) -> None:
        """The actor has called in vain once more. If that is a loop, it is slowed down.

        Such a loop gives the interpreter back for each system call, and takes it again at once.
        Who waits for the interpreter is woken each time, comes too late, and begins to wait anew
        (CPython's take_gil()). So a cell, or a check, would stand still for seconds beside it,
        most of all where a core is idle.
        """
        state.no_progress += 1
        if state.no_progress > BUSY_LOOP and not state.no_progress % THROTTLE_EVERY:
            time.sleep(THROTTLE)

    def _forget_oldest(self) -> None:
        if len(self._calls) <= CALLS_KEPT:
            return
        while len(self._calls) > CALLS_KEPT - FORGOTTEN_AT_ONCE:
            self._forgotten += 1
            self._forgotten_unshown += not self._calls.popleft().shown

    def sending(self, call: Call, data: bytes, size: int) -> Segment | None:
        """`size` bytes are about to be sent; `data` are the first of them.

        All that can be noted is noted now: behind the real call the other side has woken up,
        and waits for the interpreter.
        """
        call.data, call.size = data, size
        endpoint = call.info.endpoint
        if endpoint is None:
            return None
        with self.lock:
            return endpoint.outgoing.put(size, call.clock, call.number)

    def sent_less(self, call: Call, segment: Segment | None, size: int) -> None:
        """Only `size` of the announced bytes were sent."""
        if segment is not None and call.info.endpoint is not None:
            with self.lock:
                call.info.endpoint.outgoing.take_back(segment, call.size - size)
        call.size = size
        call.data = call.data[:size]

    def received(self, call: Call, data: bytes, size: int, asked: int) -> None:
        """A stream gave `size` more bytes (of `asked`); `data` are the first of them."""
        if call.size:  # recv() with MSG_WAITALL takes the pieces as they come
            data = (call.data + data)[:DATA_KEPT]
        call.data = data
        call.size += size
        endpoint = call.info.endpoint
        if endpoint is None:
            return
        with self.lock:
            if self._messages:
                self._read_messages()
            if size:
                for timestamp, taken in endpoint.incoming.take(size):
                    call.follow(timestamp, "data", taken)
            elif asked:
                endpoint.eof_reads += 1
                call.no_progress = True
                call.follow(endpoint.incoming.end, endpoint.incoming.end_kind)

    # Datagrams

    def has_address(self, call: Call, local: Any) -> None:
        """The socket was bound, by the program or by the kernel."""
        call.info.local = call.local = local
        if not call.info.stream and call.info.datagram_queue is None:
            with self.lock:
                call.info.datagram_queue = self.wire.open_datagram_queue(local)
            call.state.addressed, call.state.address = call.clock, local
            self.moved(call.state)

    def posting(self, call: Call, address: Any, data: bytes, size: int) -> Callable[[], None]:
        """A datagram is about to be sent. What it gives takes that back: it was not sent."""
        call.size, call.data = size, data
        datagram = Datagram(call.timestamp, size, data)
        with self.lock:
            datagram_queue = self.wire.datagram_queue_at(address)
            if datagram_queue is not None:
                datagram_queue.append(datagram)

        def take_back() -> None:
            call.size, call.data = 0, b""
            with self.lock:
                if datagram_queue is not None and datagram in datagram_queue:
                    datagram_queue.remove(datagram)

        return take_back

    def fetched(self, call: Call, data: bytes, size: int, asked: Any) -> None:
        """A datagram was received; `asked` is how many bytes of it would have been taken."""
        call.size, call.data = size, data
        if call.info.datagram_queue is not None:
            with self.lock:
                most = asked if isinstance(asked, int) else size
                timestamp = call.info.datagram_queue.collect(size, data, most)
                call.follow(timestamp, "datagram", size)

    # Connections

    def listening(self, call: Call, address: Any) -> None:
        """The socket listens."""
        call.info.local = call.local = address
        call.info.born = call.clock
        call.info.role = "listener"
        with self.lock:
            if call.info.listener is None:
                call.info.listener = self.wire.listen(address, call.timestamp)
        # Only now: whoever knows the address connects, and looks for the listener there.
        call.state.addressed, call.state.address = call.clock, address
        self.moved(call.state)

    def serves(self, state: ActorState, info: SocketInfo) -> None:
        """The actor waits for clients here: this is its address, if it made none of its own."""
        if state.address is None and info.local is not None:
            state.addressed, state.address = info.born, info.local
            self.moved(state)

    def connecting(self, call: Call, address: Any) -> PendingConnect | None:
        """A connect is about to be made to `address`.

        None if its listener is not recorded, or the socket is connected already.
        """
        with self.lock:
            self._read_messages()
            listening = self.wire.listener_at(address)
            if listening is None or call.info.endpoint or call.info.listener:
                return None
            call.follow(listening.timestamp, "listen")
            call.began = call.clock
            pending = self.wire.pending(listening, call.timestamp)
            pending.endpoint.owners.add(call.state)
            return pending

    def handed_over(
        self, call: Call, pending: PendingConnect | None, local: Any, peer: Any
    ) -> None:
        """The kernel makes the connection now, and has given the socket its address."""
        call.info.role = "client"
        call.info.local = call.local = local
        call.info.peer = call.peer = peer
        with self.lock:
            if pending is not None and not self.wire.resolve(pending, local, peer):
                self._withdraw(pending)
                pending = None
            if pending is not None:
                self._connect_named.notify_all()
                call.info.endpoint = pending.endpoint
            elif call.info.endpoint is None:
                endpoint = call.info.endpoint = Endpoint()
                endpoint.handles = 1
                self.wire.name(endpoint, local, peer)

    def not_connected(
        self, call: Call, pending: PendingConnect | None, before: Endpoint | None
    ) -> None:
        """The connect failed. The connection that the socket had before stays as it is."""
        with self.lock:
            if pending is not None:
                self._withdraw(pending)
            if call.info.endpoint is not None and call.info.endpoint is not before:
                self.wire.forget(call.info.endpoint)
            call.info.endpoint = before

    def _withdraw(self, pending: PendingConnect) -> None:
        for listening in self.wire.listeners:
            if pending in listening.pending:
                self.wire.withdraw(listening, pending)
        self._connect_named.notify_all()

    def accepted(self, call: Call, info: SocketInfo, local: Any, peer: Any) -> None:
        """An accept made a socket: find the connect that it answers."""
        info.local, info.peer, info.role = local, peer, "conn"
        listening = call.info.listener
        with self.lock:
            self._read_messages()
            pending = None
            if listening is not None:
                pending = self.wire.answer(listening, peer)
                # The client's thread is about to tell it, but on a busy machine that lasts.
                limit = time.monotonic() + self.patience
                while pending is None and listening.expects_name(of_others_than=call.state):
                    if call.state.stopping or time.monotonic() >= limit:
                        break
                    self._connect_named.wait(QUIET_TIME)
                    pending = self.wire.answer(listening, peer)
            if pending is None:
                endpoint = Endpoint()
                endpoint.handles = 1
                self.wire.name(endpoint, local, peer)
            else:
                call.follow(pending.timestamp, "connect")
                endpoint = pending.endpoint.peer or Endpoint()
            endpoint.owners = {call.state}
            info.endpoint = endpoint
            info.born = call.clock
            call.made = info.number

    def attach(self, sock: Any, info: SocketInfo) -> SocketInfo:
        """From now on this is the note of that socket."""
        sock._info = info
        self._sockets[info.number] = sock
        return info

    def socket_of(self, number: int) -> Any:
        """The socket object of that number (`Event.socket`); None if it is no more."""
        return self._sockets.get(number)

    def paired(self, first: SocketInfo, second: SocketInfo) -> None:
        """socketpair() made two connected sockets."""
        first.endpoint, second.endpoint = Endpoint.pair()
        first.endpoint.handles = second.endpoint.handles = 1
        with self.lock:
            self.wire.name(first.endpoint, first.number, second.number)
            self.wire.name(second.endpoint, second.number, first.number)

    def shared(self, info: SocketInfo, other: SocketInfo) -> None:
        """dup(): a second descriptor for the same socket."""
        info.endpoint, info.listener, info.datagram_queue = (
            other.endpoint,
            other.listener,
            other.datagram_queue,
        )
        info.local, info.peer, info.born = other.local, other.peer, other.born
        info.role = other.role
        with self.lock:
            if info.endpoint is not None:
                info.endpoint.handles += 1
            if info.listener is not None:
                info.listener.handles += 1
            if info.datagram_queue is not None:
                info.datagram_queue.handles += 1

    def adopted(self, info: SocketInfo, listens: bool) -> None:
        """A socket object was made for a descriptor that the program already had."""
        with self.lock:
            if listens:
                info.role = "listener"
                info.listener = self.wire.listener_at(info.local)
                if info.listener is not None:
                    info.listener.handles += 1
            if info.peer is None:
                return
            endpoint = self.wire.find(info.local, info.peer)
            if endpoint is None:
                endpoint = Endpoint()
                self.wire.name(endpoint, info.local, info.peer)
            endpoint.handles += 1
            info.endpoint = endpoint

    def untrack(self, info: SocketInfo) -> None:
        """From now on bytes and clients may come and go without a recorded call."""
        if info.endpoint is not None:
            info.endpoint.tracked = False
        if info.listener is not None:
            with self.lock:
                info.listener.untrack()

    def untrack_descriptor(self, descriptor: int) -> None:
        """The same for the socket that has this descriptor, if it is recorded."""
        for sock in list(self._sockets.values()):
            if sock.fileno() == descriptor:
                self.untrack(sock._info)

    def detached(self, info: SocketInfo) -> None:
        """The program has taken the descriptor, or closes it after the recording."""
        self.untrack(info)
        with self.lock:
            if info.endpoint is not None:
                self.wire.forget(info.endpoint)
            if info.listener in self.wire.listeners:
                self.wire.listeners.remove(info.listener)
            if info.datagram_queue is not None:
                self.wire.close_datagram_queue(info.datagram_queue)
            info.endpoint = info.listener = info.datagram_queue = None

    def shut_write(self, call: Call) -> None:
        """shutdown(SHUT_WR): FIN is about to be sent."""
        endpoint = call.info.endpoint
        if endpoint is not None:
            with self.lock:
                endpoint.outgoing.finish(call.timestamp, "end")

    def shut_read(self, call: Call) -> None:
        """shutdown(SHUT_RD): this side will read an end at once."""
        endpoint = call.info.endpoint
        if endpoint is not None:
            with self.lock:
                endpoint.incoming.finish(call.timestamp, "end")

    def releasing(self, info: SocketInfo, timestamp: Timestamp) -> None:
        """The descriptor is about to be closed."""
        with self.lock:
            self._read_messages()
            self._release(info, timestamp)

    def _release(self, info: SocketInfo, timestamp: Timestamp) -> None:
        if info.endpoint is not None:
            self.wire.release(info.endpoint, timestamp, info.aborts)
            info.endpoint = None
        if info.listener is not None:
            self.wire.stop_listening(info.listener, timestamp)
            info.listener = None
        if info.datagram_queue is not None:
            self.wire.close_datagram_queue(info.datagram_queue)
            info.datagram_queue = None

    def collected(self, info: SocketInfo) -> None:
        """A socket that was never closed is about to be collected. Takes no lock."""
        if not self.enabled:
            self._messages.append(lambda: self.detached(info))
            return
        state = getattr(self._local, "state", None) or self.cell
        if state is None:
            return
        state.clock = max(state.clock, info.born) + 1
        call = Call(state, info, "close", (), state.clock)
        call.remark = "not closed by the program: collected"
        call.outcome = "done"

        def enter() -> None:
            self._calls.append(call)
            self._forget_oldest()
            self._release(info, call.timestamp)

        self._tell(enter)

    # Waiting

    def wait(self, call: Call, fd: int, write: bool, deadline: float | None) -> bool:
        """Wait until the socket is ready. False if `deadline` (monotonic) passes first.

        Raises `Stopped` in a live server that is asked to stop, and `Deadlock` in a cell
        whose wait cannot end.
        """
        state = call.state
        waker = state.waker or state.ready_to_wait()
        guarded = deadline is None and state is self.cell
        limit = time.monotonic() + self.patience if guarded else deadline
        left = min(LOOK_EVERY, self.patience) if guarded else None
        quiet: Quiet | None = None
        try:
            self._start_waiting(state, Wait(call, fd, write, deadline is not None))
            while True:
                if deadline is not None:
                    left = deadline - time.monotonic()
                ready, woken = waker.wait(fd, write, left)
                if woken:
                    waker.drain()
                    state.stop_if_asked()
                if ready:
                    return True
                if guarded:
                    quiet = self._judge(state, quiet)
                if limit is not None and time.monotonic() >= limit:
                    if not guarded:
                        return False
                    raise self.out_of_patience(state)
        finally:
            state.wait = None

    @contextmanager
    def selecting(self, state: ActorState, wait: Wait) -> Iterator[None]:
        """The actor waits for any of several sockets inside the block."""
        try:
            self._start_waiting(state, wait)
            yield
        finally:
            state.wait = None

    def wait_for_server(self, server: ActorState, timeout: float | None) -> bool:
        """Wait until a live server has ended. False after `timeout` seconds.

        Raises `Deadlock` if the server waits for this very actor, or where there is no
        `timeout` and the patience ends.
        """
        state = self.state()
        waker = state.ready_to_wait()
        limit = time.monotonic() + (self.patience if timeout is None else timeout)
        quiet: Quiet | None = None
        with self.lock:
            self._watchers.append(state)
        try:
            self._start_waiting(state, Wait(None, None, False, timeout is not None, server))
            while server in self.active:
                left = limit - time.monotonic()
                if left <= 0:
                    if timeout is not None:
                        return False
                    raise self.out_of_patience(state)
                quiet = self._judge(state, quiet)
                waker.wait(None, False, min(left, LOOK_EVERY))
                waker.drain()
                state.stop_if_asked()
            state.follow(server.clock)
            return True
        finally:
            with self.lock:
                self._watchers.remove(state)
            state.wait = None

    def _judge(self, state: ActorState, quiet: Quiet | None) -> Quiet | None:
        """Raise `Deadlock` if the actor's wait cannot end.

        Nobody can move, and nobody has for `QUIET_TIME`: then the kernel has moved all that
        it had, also what was sent without a recorded call. Returns since when it is quiet.
        """
        now = time.monotonic()
        confirmed = quiet is not None and now - quiet.since >= QUIET_TIME
        ignored_threads = confirmed and bool(self.unknown_threads())  # looked at first: see below
        with self.lock:
            self._read_messages()
            now_waiting = [each.wait for each in self.active]
            waits = frozenset(
                wait.key if wait is not None and wait.repeated else wait for wait in now_waiting
            )
            found, group = verdict(state, self.active)
            if found < Outlook.QUIET:
                return None
            if quiet is None or quiet.waits != waits:
                return Quiet(waits, now)
            if not confirmed:
                return quiet
            # Only who runs can start a thread. So if there was no unknown one before, and
            # nobody runs now, then there is none.
            if ignored_threads or any(each is None or each.is_over for each in now_waiting):
                return Quiet(waits, now)
            raise Deadlock(deadlock_message(group))

    def out_of_patience(self, state: ActorState) -> Deadlock:
        """What to raise in an actor that has waited for as long as its patience lasts."""
        with self.lock:
            group = verdict(state, self.active)[1]
            return Deadlock(patience_message(self.patience, group))

    def _start_waiting(self, state: ActorState, wait: Wait) -> None:
        # Set first, then look for watchers. A watcher enters itself first, then looks at the
        # waits. So at least one of both sees the other, without the lock.
        wait.repeated = wait.bounded and wait.key == state.timed_out
        state.wait = wait
        if self._watchers or self._onlookers:
            self.moved(state)

    def moved(self, state: ActorState) -> None:
        """Something changed that a watcher may wait for."""
        with self.lock:
            for watcher in self._watchers:
                if watcher is not state:
                    watcher.poke()
        self._tell_onlookers()

    def subscribe(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever a call is over, a wait begins, or an actor is at its end.

        It is called in whichever thread that happens, perhaps with the lock held. So it must
        be quick, never fail and take no lock: it may set a flag, or poke a thread of its own.
        It comes after the fact, so who looks at the record afterwards sees what happened.
        """
        with self.lock:
            self._onlookers = (*self._onlookers, tell)

    def unsubscribe(self, tell: Callable[[], None]) -> None:
        """Call it no more. Does nothing if it was not to be called."""
        with self.lock:
            self._onlookers = tuple(each for each in self._onlookers if each != tell)

    def _tell_onlookers(self) -> None:
        for tell in self._onlookers:
            tell()

    def watch(self, condition: Callable[[], bool], timeout: float, poll: float) -> bool:
        """Wait until `condition` holds, looking at each change and every `poll` seconds."""
        state = self.state()
        waker = state.ready_to_wait()
        limit = time.monotonic() + timeout
        with self.lock:
            self._watchers.append(state)
        try:
            while not condition():
                left = limit - time.monotonic()
                if left <= 0:
                    return False
                waker.wait(None, False, min(left, poll))
                waker.drain()
            return True
        finally:
            with self.lock:
                self._watchers.remove(state)

    def settle(self, states: list[ActorState], timeout: float) -> bool:
        """Wait until these actors have done all they can. False after `timeout` seconds.

        The running actor then comes after all that they did.
        """
        doubted: dict[Wait, float] = {}

        def all_settled() -> bool:
            with self.lock:
                self._read_messages()
                return all(self.has_settled(state, doubted) for state in states)

        if not self.watch(all_settled, timeout, QUIET_TIME):
            return False
        for state in states:
            self.state().follow(state.clock)
        return True

    def has_settled(self, state: ActorState, doubted: dict[Wait, float]) -> bool:
        """Whether the actor has done all it can. The caller holds the lock.

        `doubted` is the caller's memory from one look to the next: since when a wait, that by
        the account could go on, has not.
        """
        if state not in self.active:
            return True
        wait = state.wait
        if wait is None:
            return False
        if wait.is_over:
            doubted.pop(wait, None)
            return False
        found = outlook(wait)[0]
        if found is Outlook.MOVING or found is Outlook.QUIET or wait.several is not None:
            since = doubted.setdefault(wait, time.monotonic())
            needed = TRUST_KERNEL if found is Outlook.MOVING else QUIET_TIME
            return time.monotonic() - since >= needed
        return True

    # Reading the record

    def events(self) -> tuple[Event, ...]:
        """All events that are kept, and the calls that are waiting now, in causal order."""
        with self.lock:
            self._read_messages()
            return self._frozen([*self._calls.copy(), *self._waiting_calls()])

    def news(self, mark: int) -> tuple[tuple[Event, ...], int]:
        """The calls that were noted after `mark`, and the mark to ask with the next time.

        In the order in which they were noted, without those that still wait (`waiting`).
        Inside `aside` there are none: they come behind it.
        The first mark is 0; those that were forgotten meanwhile are not among the calls.
        """
        with self.lock:
            self._read_messages()
            if self._is_isolated:
                return (), mark
            calls = self._calls.copy()
            now = self._cleared + self._forgotten + len(calls)
        new = min(now - mark, len(calls))
        return tuple(calls[place].freeze() for place in range(-new, 0)), now

    def waiting(self) -> tuple[Event, ...]:
        """The calls that are waiting now."""
        with self.lock:
            return self._frozen(self._waiting_calls())

    def take(self) -> tuple[tuple[Event, ...], int]:
        """The events that were not taken yet, and how many of those were forgotten."""
        with self.lock:
            self._read_messages()
            fresh = [call for call in self._calls.copy() if not call.shown]
            for call in fresh:
                call.shown = True
            forgotten, self._forgotten_unshown = self._forgotten_unshown, 0
            return self._frozen([*fresh, *self._waiting_calls()]), forgotten

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """The record begins anew inside the block, and is as it was before behind it.

        Only what the actors did that were there before, such as a server of another cell,
        is kept of the block.
        """
        here = self.state()
        with self.lock:
            self._read_messages()
            others = {state for state in self.active if state is not here}
            before = self._calls, self._forgotten, self._forgotten_unshown, self._is_isolated
            self._calls = deque()
            self._is_isolated = True
        try:
            yield
        finally:
            with self.lock:
                self._read_messages()
                meanwhile = [call for call in self._calls.copy() if call.state in others]
                self._calls, self._forgotten, self._forgotten_unshown, self._is_isolated = before
                self._calls.extend(meanwhile)
                self._forget_oldest()

    def mark(self) -> int:
        """A place in the record, for `since`."""
        return next_number()

    def since(self, mark: int) -> tuple[Event, ...]:
        """The events after that place that are kept. They count as told from now on."""
        with self.lock:
            self._read_messages()
            later = [call for call in self._calls.copy() if call.number > mark]
            for call in later:
                call.shown = True
            return self._frozen([*later, *(w for w in self._waiting_calls() if w.number > mark)])

    def begin_anew(self) -> None:
        """What happened so far is told: `take` gives only what comes now."""
        self.take()

    @property
    def forgotten(self) -> int:
        """How many events the bounded list has lost."""
        return self._forgotten

    def _waiting_calls(self) -> list[Call]:
        waits = [state.wait for state in self.active]
        return [wait.call for wait in waits if wait is not None and wait.call is not None]

    @staticmethod
    def _frozen(calls: list[Call]) -> tuple[Event, ...]:
        return tuple(sorted((call.freeze() for call in calls), key=lambda event: event.sort_key))

    def clear(self) -> None:
        """Forget all events."""
        with self.lock:
            self._cleared += self._forgotten + len(self._calls)
            self._calls.clear()
            self._forgotten = self._forgotten_unshown = 0


def head(data: Any, size: int) -> bytes:
    """The first bytes of what was sent or received."""
    if not size:
        return b""
    if isinstance(data, bytes):
        return data[:DATA_KEPT] if size >= DATA_KEPT else data[:size]
    return bytes(memoryview(data).cast("B")[: min(size, DATA_KEPT)])


record = Record()
