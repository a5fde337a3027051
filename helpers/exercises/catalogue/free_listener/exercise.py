"""free_listener: a socket at a free local port."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import is_socket

_LOOPBACK = "127.0.0.1"
_WANTED = "(socket, int)"
_KIND = "TCP, IPv4, open"


def _has_shape(stage: Stage) -> bool:
    return stage.facts.get(returned.SHAPE) == _WANTED


def _two_calls(stage: Stage) -> None:
    """The caller looks at what it has got, keeps it open, and calls again."""
    stage.start()
    found = returned.result(stage)
    if found and is_socket(found[0]):
        stage.note("the returned socket", returned.look(stage, found[0]))
        if returned.is_open(found[0]) and stage.has_made(found[0]):
            stage.note("bound to", returned.place(returned.address(found[0])))
    if not _has_shape(stage) or stage.facts["the returned socket"] != _KIND:
        return
    if stage.facts["bound to"] == _LOOPBACK and stage.start_again():
        second = returned.result(stage)
        if _has_shape(stage):
            stage.note("the second call gave", returned.another(found[0], second[0]))


def _a_client(stage: Stage) -> None:
    """The caller makes the socket listen, and tells a client the port that came with it."""
    stage.start()
    found = returned.result(stage)
    if not _has_shape(stage):
        return
    sock, number = found
    stage.note("the number", _meaning(sock, number))
    stage.note("a client", "connected" if _connects(stage, sock, number) else "cannot connect")


def _meaning(sock: socket.socket, number: int) -> str:
    own = returned.address(sock)
    if own is not None and own[1] == number != 0:
        return "the port of the socket"
    return "0" if number == 0 else "another number"


def _connects(stage: Stage, sock: socket.socket, number: Any) -> bool:
    own = returned.address(sock)
    if own != (_LOOPBACK, number):
        return False
    with suppress(OSError):
        socket.socket.listen(sock)
        stage.connect(own, "client")
        return True
    return False


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
        "a client",
        _a_client,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "the number": "the port of the socket",
            "a client": "connected",
        },
    ),
)
