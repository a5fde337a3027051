"""open_listener: a listener with room for waiting clients."""

from __future__ import annotations

import socket

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import is_socket

_LOOPBACK = "127.0.0.1"
_WANTED = "socket"
_KIND = "TCP, IPv4, open, listening"
_FEW = 3
_CLIENTS = 7
"""The two numbers that the caller asks for. No number of the learner's own is right for both."""

_MOMENT = 0.3
"""Seconds for a client that has connected to come out of the queue. On Linux it is there."""


def _has_shape(stage: Stage) -> bool:
    return stage.facts.get(returned.SHAPE) == _WANTED


def _two_calls(stage: Stage) -> None:
    """The caller looks at what it has got, keeps it open, and calls again."""
    stage.start(_FEW)
    found = returned.result(stage)
    if found and is_socket(found[0]):
        stage.note("the returned socket", returned.look(stage, found[0]))
        if returned.is_open(found[0]) and stage.has_made(found[0]):
            stage.note("bound to", returned.place(returned.address(found[0])))
    if not _has_shape(stage) or stage.facts["the returned socket"] != _KIND:
        return
    if stage.facts["bound to"] == _LOOPBACK and stage.start_again(_FEW):
        second = returned.result(stage)
        if _has_shape(stage):
            stage.note("the second call gave", returned.another(found[0], second[0]))


def _clients(stage: Stage) -> None:
    """As many clients as there should be room for connect, before anybody accepts."""
    stage.start(_CLIENTS)
    found = returned.result(stage)
    if not _has_shape(stage):
        return
    listener = found[0]
    room = _room(stage, listener)
    stage.note("listen() was told to make room for", room)
    # With less room, what becomes of the clients differs from system to system.
    if room == str(_CLIENTS) and returned.place(returned.address(listener)) == _LOOPBACK:
        stage.note("clients that wait in its queue", _queue(stage, listener))


def _room(stage: Stage, listener: socket.socket) -> str:
    given = returned.room(stage, listener)
    if not isinstance(given, int):
        return given
    if abs(given - _CLIENTS) <= 1:
        return str(given)
    return "another number, and not backlog"


def _queue(stage: Stage, listener: socket.socket) -> int:
    """How many of the clients that connect now come out of its queue."""
    here = returned.address(stage.adopt(listener))
    for number in range(_CLIENTS):
        stage.connect(here, f"client {number + 1}")
    stage.settle()
    socket.socket.settimeout(listener, _MOMENT)
    for count in range(_CLIENTS):
        try:
            conn, _ = socket.socket.accept(listener)
        except TimeoutError:
            return count
        conn.close()
    return _CLIENTS


SCENARIOS = (
    Scenario(
        "two calls",
        _two_calls,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "the returned socket": _KIND,
            "bound to": _LOOPBACK,
            "the second call gave": returned.ANOTHER,
        },
    ),
    Scenario(
        "seven clients",
        _clients,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "listen() was told to make room for": str(_CLIENTS),
            "clients that wait in its queue": _CLIENTS,
        },
    ),
)
