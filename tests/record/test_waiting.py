"""Waiting alone: hand-made actors and plain descriptors, no recorded socket."""

from __future__ import annotations

import _socket
import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from helpers.record.actors import Actors
from helpers.record.events import Actor
from helpers.record.lock import DrainingLock
from helpers.record.model import ActorState, Call, Deadlock, Stopped, Wait
from helpers.record.socket_info import SocketInfo
from helpers.record.streams import Endpoint
from helpers.record.waiting import QUIET_TIME, TRUST_KERNEL, Waiting
from helpers.record.wakeup import Waker
from helpers.record.watchers import Watchers

LONG = 30.0
"""Seconds: who waits for so long in a test waits for ever."""


class Scene:
    """The parts that waiting needs, and one connection between the cell and a server."""

    def __init__(self) -> None:
        self.lock = DrainingLock()
        self.watchers = Watchers(self.lock)
        self.actors = Actors(self.lock, self.watchers)
        self.waiting = Waiting(self.lock, self.actors, self.watchers)
        self.cell = ActorState(Actor(0, "cell", "cell"))
        self.server = ActorState(Actor(1, "server", "server"))
        self.actors.begin_with(self.cell)
        self.actors.ignore(*threading.enumerate())
        self.actors.expect(self.server)
        self.here, self.there = _socket.socketpair()
        self.info = SocketInfo(0, stream=True, name="client")
        self.end, other = Endpoint.pair()
        self.info.endpoint, self.info.peer = self.end, ("127.0.0.1", 8888)
        self.end.handles = other.handles = 1
        other.owners.add(self.server)

    def call(self, state: ActorState, name: str = "recv") -> Call:
        return Call(state, self.info, name, (1,), 1)

    def wait(self, deadline: float | None = None) -> bool:
        return self.waiting.wait(self.call(self.cell), self.here.fileno(), False, deadline)

    def close(self) -> None:
        self.here.close()
        self.there.close()
        self.cell.end()
        self.server.end()


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


# --- for a socket -------------------------------------------------------------------------------


def test_a_wait_ends_when_the_socket_is_ready(scene: Scene) -> None:
    scene.there.send(b"x")
    assert scene.wait() is True
    assert scene.cell.wait is None


def test_a_wait_ends_at_its_deadline(scene: Scene) -> None:
    assert scene.wait(time.monotonic() + 0.01) is False
    assert scene.cell.wait is None


def test_a_wait_of_the_cell_that_cannot_end_is_a_deadlock_and_found_at_once(scene: Scene) -> None:
    scene.server.wait = Wait(scene.call(scene.server), None, False, False)
    began = time.monotonic()
    with pytest.raises(Deadlock, match=r"this cell +waits in client.recv\(1\)"):
        scene.wait()
    assert QUIET_TIME <= time.monotonic() - began < 2
    assert scene.cell.wait is None


def test_a_wait_for_somebody_who_runs_goes_on_beyond_the_patience(scene: Scene) -> None:
    """Patience is for programs that are not recorded."""
    scene.waiting.patience = 0.05
    began = time.monotonic()
    timer = threading.Timer(0.2, scene.there.send, [b"x"])
    timer.start()
    assert scene.wait() is True
    assert time.monotonic() - began > 0.15
    timer.join()


def test_a_wait_for_a_program_that_is_not_recorded_ends_with_the_patience(scene: Scene) -> None:
    scene.waiting.patience = 0.1
    scene.end.tracked = False
    with pytest.raises(Deadlock, match=r"waited for 0.1 s, and nothing came:"):
        scene.wait()


def test_who_is_asked_to_stop_stops_in_its_wait(scene: Scene) -> None:
    scene.cell.ready_to_wait()
    scene.cell.ask_to_stop(7)
    with pytest.raises(Stopped):
        scene.wait(time.monotonic() + LONG)
    assert scene.cell.clock == 7


def test_a_wait_that_is_made_again_after_its_time_was_up_is_repeated(scene: Scene) -> None:
    first, second, other = (Wait(scene.call(scene.cell), None, False, True) for _ in range(3))
    with scene.waiting.selecting(scene.cell, first):
        assert scene.cell.wait is first
        assert not first.repeated
    scene.cell.timed_out = first.key
    with scene.waiting.selecting(scene.cell, second):
        assert second.repeated
    scene.cell.timed_out = None
    with scene.waiting.selecting(scene.cell, other):
        assert not other.repeated


# --- for others ---------------------------------------------------------------------------------


def test_a_watcher_looks_again_when_somebody_has_moved(scene: Scene) -> None:
    moved = threading.Event()

    def move() -> None:
        moved.set()
        scene.watchers.moved(scene.server)

    timer = threading.Timer(0.05, move)
    timer.start()
    assert scene.waiting.watch(moved.is_set, LONG, LONG)
    timer.join()
    assert not scene.watchers.watching


def test_a_watcher_gives_up_when_its_time_is_up(scene: Scene) -> None:
    assert not scene.waiting.watch(lambda: False, 0.01, LONG)
    assert not scene.watchers.watching


def test_a_watcher_that_is_late_looks_as_often_as_one_that_is_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its waits takes a minute more than it was to take, as if the machine stood still."""
    began, looks = time.monotonic(), itertools.count()
    passed = 0.0

    def wait(waker: Waker, fd: int | None, write: bool, timeout: float | None) -> tuple[bool, bool]:
        nonlocal passed
        passed += 60 + (timeout or 0)
        return False, False

    monkeypatch.setattr(Waker, "wait", wait)
    monkeypatch.setattr("helpers.record.waiting.time.monotonic", lambda: began + passed)
    assert scene.waiting.watch(lambda: next(looks) == 10, 1.5, 0.125)
    assert not scene.waiting.watch(lambda: next(looks) < 0, 1.5, 0.125)
    assert 20 < next(looks) < 30


def test_who_waits_for_a_server_comes_after_what_that_did(scene: Scene) -> None:
    scene.server.clock = 9
    timer = threading.Timer(0.05, scene.actors.leave, [scene.server])
    timer.start()
    assert scene.waiting.wait_for_server(scene.server, LONG)
    timer.join()
    assert (scene.cell.clock, scene.cell.wait) == (9, None)


def test_who_waits_for_a_server_that_waits_for_it_is_told_so(scene: Scene) -> None:
    scene.server.wait = Wait(None, None, False, False, scene.cell)
    with pytest.raises(Deadlock, match="waits for the server to finish"):
        scene.waiting.wait_for_server(scene.server, None)
    assert not scene.watchers.watching


def test_an_actor_has_settled_when_it_waits_or_is_over(scene: Scene) -> None:
    def has_settled() -> bool:
        with scene.lock.hold():
            return scene.waiting.has_settled(scene.server, doubted)

    doubted: dict[Wait, float] = {}
    assert not has_settled()  # it runs
    wait = scene.server.wait = Wait(scene.call(scene.server), scene.here.fileno(), False, False)
    assert has_settled()
    scene.there.send(b"x")  # not through a recorded socket: the kernel tells
    assert not has_settled()
    scene.here.recv(1)
    assert has_settled()
    scene.end.incoming.put(1, 1, 1)  # on its way, by the account; the kernel has nothing
    assert not has_settled()
    doubted[wait] -= TRUST_KERNEL
    assert has_settled()
    scene.server.wait = None
    scene.actors.leave(scene.server)
    assert has_settled()


def test_who_settles_comes_after_all_that_the_others_did(scene: Scene) -> None:
    scene.server.wait = Wait(scene.call(scene.server), scene.here.fileno(), False, False)
    scene.server.clock = 5
    assert scene.waiting.settle([scene.server], LONG)
    assert scene.cell.clock == 5
    scene.server.wait = None
    assert not scene.waiting.settle([scene.server], 0.01)


# --- who is told --------------------------------------------------------------------------------


def test_a_watcher_is_not_told_of_what_it_does_itself(scene: Scene) -> None:
    waker = scene.cell.ready_to_wait()
    with scene.watchers.entered(scene.cell):
        scene.watchers.moved(scene.cell)
        assert waker.wait(None, False, 0) == (False, False)
        scene.watchers.moved(scene.server)
        assert waker.wait(None, False, 0) == (False, True)


def test_a_subscriber_is_told_of_each_move_until_it_is_not_to_be_told_any_more(
    scene: Scene,
) -> None:
    told: list[str] = []

    def tell() -> None:
        told.append("moved")

    scene.watchers.subscribe(tell)
    scene.watchers.moved(scene.server)
    with scene.waiting.selecting(scene.cell, Wait(None, None, False, True, several=())):
        assert told == ["moved"] * 2
    scene.watchers.unsubscribe(tell)
    scene.watchers.unsubscribe(tell)
    scene.watchers.moved(scene.server)
    assert told == ["moved"] * 2


# --- who takes part -----------------------------------------------------------------------------


def test_a_thread_is_an_actor_from_its_first_call_to_its_end(scene: Scene) -> None:
    states: list[ActorState] = []
    thread = threading.Thread(target=lambda: states.append(scene.actors.state()), name="worker")
    thread.start()
    thread.join()
    (state,) = states
    assert (state.actor.name, state.actor.kind, state.ident) == ("worker", "thread", thread.ident)
    with scene.lock.hold():  # reads that the thread is over
        assert state not in scene.actors.active


def test_who_acts_as_another_is_waited_for_by_nobody(scene: Scene) -> None:
    other = ActorState(Actor(2, "client 1", "thread"))
    with scene.actors.acting_as(other):
        assert scene.actors.state() is other
        assert scene.actors.waited_for_here() is None
        assert not scene.actors.acts_ignored()
    assert scene.actors.waited_for_here() is scene.cell


def test_a_thread_that_has_made_no_call_could_make_one_unless_it_is_ignored(scene: Scene) -> None:
    enough = threading.Event()
    thread = threading.Thread(target=enough.wait, args=(LONG,))
    thread.start()
    assert scene.actors.unknown_threads() == [thread]
    scene.actors.ignore(thread)
    assert scene.actors.unknown_threads() == []
    enough.set()
    thread.join()
