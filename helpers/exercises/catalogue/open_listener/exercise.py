"""open_listener: a listener with room for waiting clients."""

from __future__ import annotations

import socket

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted
from helpers.record.record import record

_LOOPBACK = Quoted("127.0.0.1")
_WANTED = Quoted("socket")
_KIND = ("tcp", "ipv4", "open", "listening")
_FEW = 3
_CLIENTS = 7
"""The two numbers that the caller asks for. No number of the learner's own is right for both."""

_NUMBERS = (0, 1, 300)
"""The smallest that there is, one, and more than the usual 128."""

_MOMENT = 0.3
"""Seconds for a client that has connected to come out of the queue. On Linux it is there."""


def _has_shape(stage: Stage) -> bool:
    return stage.facts.get(returned.SHAPE) == _WANTED


def _clients(stage: Stage) -> None:
    """As many clients as there should be room for connect, before anybody accepts."""
    stage.start(_CLIENTS)
    found = returned.result(stage)
    if not _has_shape(stage):
        return
    listener = found[0]
    room = _room(stage, listener)
    stage.fact("room", room)
    # With less room, what becomes of the clients differs from system to system.
    if room == _CLIENTS and returned.host_of(returned.address(listener)) == _LOOPBACK:
        stage.fact("queue", _queue(stage, listener))


def _room(stage: Stage, listener: socket.socket) -> int | str:
    given = returned.room(stage, listener)
    if isinstance(given, str) or abs(given - _CLIENTS) <= 1:
        return given
    return "not_backlog"


def _queue(stage: Stage, listener: socket.socket) -> int:
    """How many of the clients that connect now come out of its queue."""
    here = returned.address(stage.adopt(listener))
    for number in range(_CLIENTS):
        stage.connect(here, f"client {number + 1}")
    stage.settle()
    with record.probing():
        socket.socket.settimeout(listener, _MOMENT)
        for count in range(_CLIENTS):
            try:
                conn, _ = socket.socket.accept(listener)
            except TimeoutError:
                return count
            conn.close()
    return _CLIENTS


def _other_numbers(stage: Stage) -> None:
    """Called once for each number. The last listen() asked for room for so many."""
    rooms: list[int | str] = []
    for number in _NUMBERS:
        if rooms:
            stage.run.start_again(number)
        else:
            stage.start(number)
        found = returned.result(stage)
        if not _has_shape(stage):
            return
        rooms.append(returned.room(stage, found[0]))
    stage.fact("rooms", rooms)


_TWO_CALLS = {
    "ended": "returned",
    returned.SHAPE: _WANTED,
    "returned_socket": _KIND,
    "bound_to": _LOOPBACK,
    "second_call": returned.ANOTHER,
}

SCENARIOS = (
    Scenario("two calls", lambda stage: returned.two_calls(stage, _TWO_CALLS, _FEW), _TWO_CALLS),
    Scenario(
        "seven clients",
        _clients,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "room": _CLIENTS,
            "queue": _CLIENTS,
        },
    ),
    Scenario(
        "other numbers",
        _other_numbers,
        {"ended": "returned", returned.SHAPE: _WANTED, "rooms": [*_NUMBERS]},
    ),
)
