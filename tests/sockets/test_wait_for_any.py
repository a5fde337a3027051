"""The wait for any of several sockets: who may be stopped in it, and what becomes of a poke."""

from __future__ import annotations

import select
import selectors
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from servers import HERE, Connection

from helpers import Deadlock, LiveServer
from helpers.record.events import Actor
from helpers.record.model import ActorState, Stopped
from helpers.record.record import record
from helpers.record.wakeup import SLICE, Waker
from helpers.sockets.selecting import wait_for_any

SELECTORS = [
    getattr(selectors, name)
    for name in ("SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector")
    if hasattr(selectors, name)
]
POLLS = [name for name in ("poll", "epoll") if hasattr(select, name)]


@pytest.fixture
def server(recorded: None) -> Iterator[ActorState]:
    """A live server, as far as this wait knows."""
    state = ActorState(Actor(1, "server", "server"))
    yield state
    state.end()


class Plain:
    """Waits no moment. Notes how it was called, and what was known of the wait then."""

    def __init__(self, state: ActorState, *answers: list[Any]) -> None:
        self.state = state
        self.answers = iter(answers)
        self.wakers: list[Waker | None] = []
        self.limits: list[float | None] = []
        self.waits: list[Any] = []

    def __call__(self, waker: Waker | None, at_most: float | None = None) -> list[Any]:
        self.wakers.append(waker)
        self.limits.append(at_most)
        self.waits.append(self.state.wait)
        return next(self.answers)


def test_a_server_waits_with_its_wake_up_socket_and_is_known_to_wait(server: ActorState) -> None:
    plain = Plain(server, ["ready"])
    assert wait_for_any(server, [1], ((1, False),), None, plain) == ["ready"]
    assert plain.wakers == [server.waker]
    assert plain.waits[0].several == ((1, False),)
    assert (server.wait, server.timed_out) == (None, None)


def test_a_wait_whose_time_is_up_is_remembered(server: ActorState) -> None:
    plain = Plain(server, [], [])
    for _ in range(2):
        assert wait_for_any(server, [1], ((1, False),), 0.1, plain) == []
    assert server.timed_out == ((1, False),)
    assert [each.repeated for each in plain.waits] == [False, True]


def test_a_server_that_is_asked_to_stop_does_not_begin_to_wait(server: ActorState) -> None:
    plain = Plain(server, [])
    server.ask_to_stop(5)
    with pytest.raises(Stopped):
        wait_for_any(server, [1], ((1, False),), None, plain)
    assert (plain.wakers, server.wait) == ([], None)
    # Once for each stop(): what unwinds may have to wait again.
    assert wait_for_any(server, [1], ((1, False),), None, plain) == []


def test_a_poke_of_an_earlier_wait_does_not_end_this_one(server: ActorState) -> None:
    ready: list[tuple[bool, bool]] = []

    def look(waker: Waker) -> list[str]:
        ready.append(waker.wait(None, False, 0))
        return ["x"]

    server.ready_to_wait().poke()
    wait_for_any(server, [1], ((1, False),), False, look)
    assert ready == [(False, False)]


def test_a_thread_is_like_a_server_where_all_its_sockets_are_recorded(
    connection: Connection,
) -> None:
    thread = ActorState(Actor(1000, "thread", "thread"))
    client, conn = connection
    plain = Plain(thread, ["a"], ["b"], ["c"])
    wait_for_any(thread, [client, conn], (), None, plain)
    wait_for_any(thread, [client, 0], (), None, plain)
    wait_for_any(thread, [], (), None, plain)
    assert [each is not None for each in plain.wakers] == [True, False, False]
    assert [each is not None for each in plain.waits] == [True, False, False]
    thread.end()


def test_a_cell_waits_as_long_as_its_patience_lasts(connection: Connection) -> None:
    cell = record.actors.cell
    assert cell is not None
    record.waiting.patience = 0.05
    with pytest.raises(Deadlock, match=r"waits in select\(\)"):
        wait_for_any(cell, [*connection], (), None, lambda waker, at_most: [])
    plain = Plain(cell, [], ["ready"])
    record.waiting.patience = 3600.0
    assert wait_for_any(cell, [*connection], (), None, plain) == ["ready"]
    assert plain.wakers == [None, None]
    # In parts: a signal that another thread gets does not end the plain call.
    assert plain.limits == [SLICE, SLICE]
    plain = Plain(cell, ["x"])
    assert wait_for_any(cell, [connection[0], 0], (), None, plain) == ["x"]
    assert (plain.limits, plain.waits) == ([None], [None])


# --- each way to wait ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SELECTORS)
def test_a_selector_watches_the_wake_up_socket_only_while_it_waits(
    kind: Callable[[], selectors.BaseSelector], recorded: None
) -> None:
    seen: list[Any] = []

    def serve() -> None:
        with socket.create_server(HERE) as listener, kind() as selector:
            selector.register(listener, selectors.EVENT_READ)
            seen.append([each[0].fileobj for each in selector.select()] == [listener])
            seen.append(len(selector.get_map()))
            listener.accept()[0].close()
            try:
                selector.select()
            finally:
                seen.append(len(selector.get_map()))

    server = LiveServer(serve).start()
    socket.create_connection(server.address).close()
    server.settle()
    server.stop()
    assert seen == [True, 1, 1]


@pytest.mark.parametrize("kind", POLLS)
def test_a_poll_object_watches_the_wake_up_socket_only_while_it_waits(
    kind: str, recorded: None
) -> None:
    seen: list[Any] = []

    def serve() -> None:
        poller = getattr(select, kind)()
        with socket.create_server(HERE) as listener:
            poller.register(listener, select.POLLIN)
            seen.append(poller.poll() == [(listener.fileno(), select.POLLIN)])
            listener.accept()[0].close()
            for _ in range(2):
                seen.append(poller.poll(0))
            poller.poll()

    server = LiveServer(serve).start()
    socket.create_connection(server.address).close()
    server.settle()
    server.stop()
    assert seen == [True, [], []]


def test_a_poke_without_a_stop_is_no_result(recorded: None) -> None:
    results: list[Any] = []
    states: list[ActorState] = []
    waits, ended = threading.Event(), threading.Event()

    def serve() -> None:
        with socket.create_server(HERE) as listener:
            states.append(record.actors.state())
            waits.set()
            results.append(select.select([listener], [], []))
            ended.set()
            listener.accept()

    server = LiveServer(serve).start()
    waits.wait(10)
    server.settle()
    states[0].poke()
    assert ended.wait(10)
    server.stop()
    assert results == [([], [], [])]
