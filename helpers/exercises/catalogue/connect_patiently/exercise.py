"""connect_patiently: a server that is not there yet, is busy, or never comes."""

from __future__ import annotations

import socket
import sys
import threading
from typing import Any

from helpers.exercises import fair_time
from helpers.exercises.returned import is_open
from helpers.exercises.run import TRIES_AGAIN
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import OfType, is_socket, socket_state

LIMIT = 1.0
"""Seconds for each connect(), as the task says. The clock is held, so nobody waits for them."""

MOST = 8
"""Pauses after which nobody counts any more: the most that is allowed are four."""

MOMENT = 0.3
"""Seconds for what needs none of them, and waits for nobody but the system. Chosen: a function that
waits for a peer has the check wait so long, too."""

_MULTICAST = ("224.0.0.1", 9)
"""TCP cannot connect to a group of computers: the system refuses, and sends nothing. (Linux:
tcp_v4_connect() in net/ipv4/tcp_ipv4.c.)"""

_CONNECTS = ("connect", "connect_ex")

_STATES = {
    "open": "connected",
    "open_with_timeout": "connected_with_a_limit",
    "open_without_waiting": "connected_without_waiting",
}


class Pause:
    """The function `pause` that is given to it: what changes meanwhile, the check does."""

    def __init__(self, stage: Stage, stops: int = 0, gives_up: int = 0) -> None:
        self._stage = stage
        self._stops = stops
        """So many pauses, the first ones, last until the check lets the function go on."""
        self._gives_up = gives_up
        """The pause, counted from 1, in which the caller gives up."""
        self._go_on = threading.Semaphore(0)
        self.too_often = False
        """It was called more often than any number of attempts allows, so this one does not end."""
        self.given: tuple[object, ...] = ()
        """What it was called with: nothing, if the function is right."""
        self._waited_for = 0
        self.after: list[int] = []
        """How many tries had been made before each of them."""

    def __call__(self, *given: object) -> None:
        self.given = self.given or given
        self.too_often = len(self.after) >= MOST
        if self.too_often:
            self._go_on.acquire()
        self.after.append(tries(self._stage))
        if len(self.after) == self._gives_up:
            raise TimeoutError("the caller has no more time")
        if len(self.after) <= self._stops:
            self._go_on.acquire()

    def is_there(self) -> bool:
        """Wait for the next one. Whether it has come."""
        self._waited_for += 1

        def has_come() -> bool:
            return len(self.after) >= self._waited_for

        fair_time.watch(lambda: has_come() or self._stage.run.is_over, MOMENT)
        return has_come()

    def end(self) -> None:
        """The function goes on."""
        self._go_on.release()


def tries(stage: Stage) -> int:
    """How many sockets of the function have tried to connect."""
    return len({each.socket for each in stage.run.calls if each.call in _CONNECTS})


def _door(stage: Stage) -> socket.socket:
    """A socket that has an address and does not listen: so nobody else does."""
    door = stage.adopt(socket.socket())
    door.bind(HERE)
    stage.address = door.getsockname()
    return door


def _fill(stage: Stage, listener: socket.socket) -> None:
    """Its queue is full from now on: Linux then drops the SYN (man 2 listen)."""
    stage.connect(stage.address, "a client that waits")
    fair_time.watch(readable(listener), MOMENT)


def _look(stage: Stage, pause: Pause) -> None:
    """Facts: what it returned, how often it tried, and when it paused."""
    run = stage.run
    fair_time.watch(lambda: run.is_over or pause.too_often, MOMENT)  # the system answers
    if pause.too_often:
        run.ended, run.computes = TRIES_AGAIN, True  # a loop: it is interrupted without a delay
    stage.finish()
    if pause.given:
        stage.fact("given_to_pause", len(pause.given))
    if "returned" in stage.facts:
        del stage.facts["returned"]
        stage.fact("result", _result(stage))
    stage.fact("tries", tries(stage))
    stage.fact("pauses", pause.after)


def _result(stage: Stage) -> Any:
    sock = stage.run.value
    if not is_socket(sock):
        return "none" if sock is None else OfType(type(sock).__name__)
    if not is_open(sock):
        return "closed"
    try:
        peer = sock.getpeername()
    except OSError:
        peer = None
    return _STATES[socket_state(sock)] if peer == stage.address else "not_connected"


def _there(stage: Stage) -> None:
    listener = stage.listen()
    pause = Pause(stage)
    stage.start(stage.address, 3, pause)
    _look(stage, pause)
    if stage.facts.get("result") == "connected" and readable(listener)():
        conn = stage.accept(listener, "server")
        stage.fact("sent", b"" if conn is None else stage.read(conn)[0])


def _comes_later(stage: Stage) -> None:
    """Nobody listens at first. In the second pause somebody does."""
    door = _door(stage)
    pause = Pause(stage, stops=2)
    stage.start(stage.address, 3, pause)
    pause.is_there()
    pause.end()
    if pause.is_there():
        door.listen()
    pause.end()
    _look(stage, pause)


def _refuses(stage: Stage, attempts: int = 3, gives_up: int = 0) -> None:
    _door(stage)
    pause = Pause(stage, gives_up=gives_up)
    stage.start(stage.address, attempts, pause)
    _look(stage, pause)


def _is_busy(stage: Stage) -> None:
    """The queue of the listener is full. In the first pause there is room."""
    listener = stage.listen(backlog=0)
    _fill(stage, listener)
    pause = Pause(stage, stops=1)
    stage.hold_clock()
    stage.start(stage.address, 3, pause)
    if not _has_gone_on(stage, pause):
        return
    if pause.is_there():
        stage.accept(listener, "server")
    pause.end()
    _look(stage, pause)


def _refuses_then_is_busy(stage: Stage) -> None:
    """The first try is refused. In the pause a listener comes, and its queue is full."""
    door = _door(stage)
    pause = Pause(stage, stops=1)
    stage.hold_clock()
    stage.start(stage.address, 2, pause)
    if pause.is_there():
        door.listen(0)
        _fill(stage, door)
    pause.end()
    if _has_gone_on(stage, pause):
        _look(stage, pause)


def _has_gone_on(stage: Stage, pause: Pause) -> bool:
    """Whether it does not stand in a connect() any more that nobody answers.

    Fact: with which limit it stood there. If that is not the right one, the rest is not looked at.
    """
    stage.settle()
    pauses, before = len(pause.after), tries(stage)

    def has_gone_on() -> bool:
        return stage.run.is_over or len(pause.after) > pauses or tries(stage) > before

    stage.let_time_pass(0.75 * LIMIT)
    if has_gone_on():
        stage.fact("limit", "shorter")
        return True
    stage.let_time_pass(0.25 * LIMIT)
    fair_time.watch(has_gone_on, MOMENT)
    stage.fact("limit", "as_asked" if has_gone_on() else "longer")
    return has_gone_on()


def _another_error(stage: Stage) -> None:
    """An address with which TCP can do nothing: neither refused, nor silent."""
    pause = Pause(stage)
    stage.start(_MULTICAST, 3, pause)
    _look(stage, pause)
    error = stage.run.error
    named = isinstance(error, ConnectionRefusedError | TimeoutError | BlockingIOError)
    if isinstance(error, OSError) and not named:
        stage.fact("ended", "raised OSError")  # its number differs between systems


_CONNECTED = {"ended": "returned", "result": "connected"}
_REFUSED = {"ended": "raised ConnectionRefusedError"}
_LATE = {"ended": "raised TimeoutError"}
_ON_LINUX = sys.platform == "linux"  # elsewhere a full queue is not silent, or not for a listen(0)

SCENARIOS = (
    Scenario("there", _there, {**_CONNECTED, "tries": 1, "pauses": [], "sent": b""}),
    Scenario("comes later", _comes_later, {**_CONNECTED, "tries": 3, "pauses": [1, 2]}),
    Scenario("never comes", _refuses, {**_REFUSED, "tries": 3, "pauses": [1, 2]}),
    Scenario(
        "is busy",
        _is_busy,
        {**_CONNECTED, "limit": "as_asked", "tries": 2, "pauses": [1]},
        runs_here=_ON_LINUX,
    ),
    Scenario(
        "refuses, then is busy",
        _refuses_then_is_busy,
        {**_LATE, "limit": "as_asked", "tries": 2, "pauses": [1]},
        runs_here=_ON_LINUX,
    ),
    Scenario(
        "another error", _another_error, {"ended": "raised OSError", "tries": 1, "pauses": []}
    ),
    Scenario(
        "the caller gives up",
        lambda stage: _refuses(stage, attempts=5, gives_up=2),
        {**_LATE, "tries": 2, "pauses": [1, 2]},
    ),
    Scenario(
        "no tries",
        lambda stage: _refuses(stage, attempts=0),
        {"ended": "raised ValueError", "tries": 0, "pauses": []},
    ),
)
