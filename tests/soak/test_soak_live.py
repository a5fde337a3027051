"""Live servers, started, stopped, run again, failing, leaking and interrupted in any order.

A model says of each server what must be true of it. After each sequence nothing may be left: no
thread, no descriptor, no port, and nothing in the record.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import psutil
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from leaks import descriptors, left, threads
from servers import HERE, echo_server

from helpers import LiveServer, recording, timeline
from helpers.live import printed as output
from helpers.live import registry
from helpers.record.record import record
from soak.plan import Soak

# --- what servers do ----------------------------------------------------------------------------


class OfTheServerError(Exception):
    """What a server raises; no two are the same."""


def echoes(_: Model) -> None:
    echo_server()


def fails_at_a_question(model: Model) -> None:
    """It echoes, until it is asked something."""
    with socket.create_server(HERE) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    if data == b"?":
                        raise model.next_error()
                    conn.sendall(data)


def fails_at_once(model: Model) -> None:
    raise model.next_error()


def returns(model: Model) -> str:
    print("of the log")
    return model.value


def leaks_sockets(model: Model) -> str:
    """It closes nothing, and what it made is in a circle: only the collector closes it."""
    listener = socket.create_server(HERE)
    client = socket.create_connection(listener.getsockname())
    circle: list[Any] = [listener, client, listener.accept()[0]]
    circle.append(circle)
    return model.value


def leaks_a_thread(model: Model) -> None:
    """Its thread waits for the peer of a pair, also when the server is over."""
    here, there = socket.socketpair()
    model.held.append(there)

    def wait() -> None:
        with here:
            here.recv(1)

    threading.Thread(target=wait, name="leaked", daemon=True).start()
    with socket.create_server(HERE) as listener:
        listener.accept()


def interrupts(_: Model) -> None:
    """At each `!` it presses Ctrl-C in the cell, and says nothing; it echoes the rest."""
    main = threading.main_thread().ident
    assert main is not None
    with socket.create_server(HERE) as listener:
        while True:
            conn, _address = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    if data == b"!":
                        signal.pthread_kill(main, signal.SIGINT)
                    else:
                        conn.sendall(data)


WAITS: list[Callable[[Any], Any]] = [echoes, fails_at_a_question, leaks_a_thread, interrupts]
ECHO = (echoes, fails_at_a_question, interrupts)
KINDS: list[Callable[[Any], Any]] = [*WAITS, fails_at_once, returns, leaks_sockets]


# --- the model ----------------------------------------------------------------------------------


@dataclass(eq=False)
class Model:
    """What must be true of one server."""

    number: int
    kind: Callable[[Any], Any]
    cell: str
    is_over: bool = False
    stopped: bool = False
    error: OfTheServerError | None = None
    error_told: bool = False
    replaced: bool = False
    """Another one took its place: nobody is told of its error any more."""
    runs: int = 0
    held: list[socket.socket] = field(default_factory=list)
    clients: list[socket.socket] = field(default_factory=list)
    server: LiveServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = LiveServer(self.kind, self)

    @property
    def value(self) -> str:
        return f"value of {self.number}"

    def next_error(self) -> OfTheServerError:
        self.error = OfTheServerError(f"{self.number}, run {self.runs}")
        return self.error

    def start(self, cell: str) -> None:
        self.cell = cell
        self.runs += 1
        self.is_over = self.stopped = self.error_told = self.replaced = False
        self.error = None
        self.server.start()
        if self.kind is leaks_sockets:
            self.server.settle()  # one that is replaced before may be broken off, or not
        if self.kind not in WAITS:
            self.is_over = True

    def end(self) -> None:
        """It is stopped, if it still runs."""
        self.stopped = self.stopped or not self.is_over
        self.is_over = True
        for client in self.clients:
            client.close()
        self.clients.clear()

    def check(self) -> None:
        """What `where` must say, once it has come to rest."""
        self.server.settle()
        where = self.server.where
        if not self.is_over:
            served = any(client.fileno() >= 0 for client in self.clients)
            expected = ("waiting", "recv" if served else "accept")
            assert (where.state, where.call) == expected, where
            assert where.line is not None
        elif self.error is not None:
            assert where.state == "failed", where
            assert str(self.error) in where.reason
        else:
            assert where.state == "finished", where.reason
            assert (where.reason == "finished: stopped") == self.stopped, where.reason
        assert self.server.is_over == self.is_over
        assert self.server.log == ("of the log\n" if self.kind is returns else "")


def actors() -> dict[object, str]:
    """Who is in the record. A thread leaves it a moment after `threading` has let go of it."""
    record.events()  # reads what finalizers have told
    return {state: f"actor {state.actor}" for state in set(record.actors.active)}


def one_of(models: list[Model], number: int) -> Model:
    return models[number % len(models)]


class Cells(RuleBasedStateMachine):
    """Cells that are run in any order, and what a learner does in them."""

    def __init__(self) -> None:
        super().__init__()
        self.before = [(look, look()) for look in (threads, descriptors, actors)]
        output.restore_if_unused()  # what a test before has left may have ended only now
        self.streams = sys.stdout, sys.stderr, threading.Thread.start
        self.recorded = contextlib.ExitStack()
        self.recorded.enter_context(recording())
        self.models: list[Model] = []
        self.cell = "A"
        registry.cell_begins(self.cell)

    def running(self, *kinds: Callable[[Any], Any]) -> list[Model]:
        return [model for model in self.models if model.kind in kinds and not model.is_over]

    def ask(self, model: Model, question: bytes) -> socket.socket:
        """A client that has said something, of a server that serves one at a time."""
        for client in model.clients:
            client.close()
        model.clients[:] = [socket.create_connection(model.server.address)]
        model.clients[0].sendall(question)
        return model.clients[0]

    places = st.integers(0, 1000)

    @rule(cell=st.sampled_from("ABC"))
    def a_cell_is_run(self, cell: str) -> None:
        self.cell = cell
        registry.cell_begins(cell)
        for model in self.models:
            if model.cell == cell:
                model.end()
                model.replaced = True
                model.cell = ""

    @rule(kind=st.sampled_from(KINDS))
    def start(self, kind: Callable[[Any], Any]) -> None:
        model = Model(len(self.models), kind, self.cell)
        self.models.append(model)
        model.start(self.cell)

    @precondition(lambda self: self.models)
    @rule(number=places)
    def start_again(self, number: int) -> None:
        model = one_of(self.models, number)
        model.server.settle()
        if model.is_over:
            model.start(self.cell)
        else:
            with pytest.raises(RuntimeError, match="is running already"):
                model.server.start()

    @precondition(lambda self: self.models)
    @rule(number=places, way=st.sampled_from(["stop", "with", "with, and an error"]))
    def stop(self, number: int, way: str) -> None:
        model = one_of(self.models, number)
        model.server.settle()
        must_tell = model.error is not None and not model.error_told and not model.replaced
        if way == "stop" or model.is_over:  # `with` would start it again
            told = self.told(model.server.stop)
        elif way == "with":
            told = self.told(lambda: model.server.__exit__(None, None, None))
        else:
            error = KeyError("of the cell")
            model.server.__exit__(KeyError, error, None)
            assert not hasattr(error, "__notes__")
            told = None
        assert told is (model.error if must_tell else None)
        model.error_told = True
        model.end()

    @precondition(lambda self: self.models)
    @rule(number=places)
    def stop_without_settling(self, number: int) -> None:
        """Right after the start, or in the middle of anything."""
        model = one_of(self.models, number)
        told = self.told(model.server.stop)
        must_tell = model.error is not None and not model.error_told and not model.replaced
        assert told is (model.error if must_tell else None)
        model.error_told = True
        model.end()

    def told(self, act: Callable[[], Any]) -> BaseException | None:
        try:
            act()
        except OfTheServerError as error:
            return error
        return None

    @precondition(lambda self: self.models)
    @rule(number=places)
    def result(self, number: int) -> None:
        model = one_of(self.models, number)
        model.server.settle()
        if not model.is_over:
            with pytest.raises(TimeoutError, match="has not finished"):
                model.server.result(0.01)
        elif model.error is not None:
            with pytest.raises(OfTheServerError) as told:
                model.server.result()
            assert told.value is model.error
            model.error_told = True
        else:
            # What it returned before it was stopped, it has returned.
            ended = model.kind in (returns, leaks_sockets)
            assert model.server.result() == (model.value if ended else None)

    @precondition(lambda self: self.models)
    @rule(number=places)
    def where(self, number: int) -> None:
        one_of(self.models, number).check()

    @precondition(lambda self: self.running(*ECHO))
    @rule(number=places, text=st.binary(min_size=1, max_size=20))
    def exchange(self, number: int, text: bytes) -> None:
        hypothesis.assume(text not in (b"?", b"!"))
        client = self.ask(one_of(self.running(*ECHO), number), text)
        assert client.recv(100) == text

    @precondition(lambda self: self.running(*ECHO))
    @rule(number=places)
    def break_off(self, number: int) -> None:
        for client in one_of(self.running(*ECHO), number).clients:
            client.close()

    @precondition(lambda self: self.running(fails_at_a_question))
    @rule(number=places)
    def fail(self, number: int) -> None:
        model = one_of(self.running(fails_at_a_question), number)
        client = self.ask(model, b"?")
        assert client.recv(1) == b""
        model.server.settle()
        assert model.error is not None
        model.is_over = True
        model.clients.pop().close()

    @precondition(lambda self: self.running(interrupts))
    @rule(number=places)
    def interrupt(self, number: int) -> None:
        """Ctrl-C while the cell waits. Its socket stays usable."""
        client = self.ask(one_of(self.running(interrupts), number), b"hello")
        assert client.recv(5) == b"hello"
        with pytest.raises(KeyboardInterrupt):
            client.sendall(b"!") or client.recv(1)
        client.sendall(b"again")
        assert client.recv(5) == b"again"

    @rule()
    def a_server_that_does_not_want_to_stop(self) -> None:
        enough = threading.Event()
        server = LiveServer(enough.wait).start()
        with pytest.raises(TimeoutError, match="is still running"):
            server.stop(0.02)
        enough.set()
        server.stop()

    @rule(all=st.booleans())
    def draw(self, all: bool) -> None:
        shown = timeline(all=all)
        assert shown.text()
        assert shown.svg()

    @precondition(lambda self: len(self.models) > 3)
    @rule()
    def stop_all(self) -> None:
        registry.stop_all()
        for model in self.models:
            model.end()
            model.replaced = True
            model.cell = ""
        registry.cell_begins(self.cell)

    @invariant()
    def the_book_of_running_servers_is_right(self) -> None:
        running = registry.running
        assert len({id(server) for server in running}) == len(running), running
        for model in self.models:
            if not model.is_over:
                assert model.server in running

    def teardown(self) -> None:
        try:
            registry.stop_all()
            self.all_are_over()
        finally:
            self.let_go()
        gc.collect()
        self.nothing_is_left()

    def all_are_over(self) -> None:
        for model in self.models:
            model.end()
            model.check()

    def let_go(self) -> None:
        for model in self.models:
            for sock in (*model.held, *model.clients):
                sock.close()
        self.models.clear()
        registry.stop_all()
        self.recorded.close()

    def nothing_is_left(self) -> None:
        leaks = [leak for look, seen in self.before for leak in left(look, seen)]
        assert not leaks
        ours = psutil.Process().net_connections("tcp")
        assert not [each for each in ours if each.status == psutil.CONN_LISTEN]
        output.restore_if_unused()  # a leaked thread could print as long as it lived
        assert (sys.stdout, sys.stderr, threading.Thread.start) == self.streams
        assert not registry.running
        assert not any(registry.by_cell.values())
        assert not record.actors.active
        assert not record.wire.endpoints
        assert not record.wire.listeners
        # Others may keep a thread that has ended: a report of a check does.
        assert not [thread for thread in output._logs if thread.is_alive()]


@pytest.mark.posix_only
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the servers that leak
def test_whatever_is_done_with_servers_leaves_nothing(soak: Soak) -> None:
    class Counted(Cells):
        def check_invariants(self, *arguments: Any, **named: Any) -> None:
            soak.done += 1
            super().check_invariants(*arguments, **named)

    hypothesis.seed(soak.seed)(Counted)
    settings = soak.settings(20, stateful_step_count=30)
    run_state_machine_as_test(Counted, settings=settings)
