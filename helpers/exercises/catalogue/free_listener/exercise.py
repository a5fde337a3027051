"""free_listener: a socket at a free local port."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted

_LOOPBACK = Quoted("127.0.0.1")
_WANTED = Quoted("(socket, int)")
_KIND = ("tcp", "ipv4", "open")


def _has_shape(stage: Stage) -> bool:
    return stage.facts.get(returned.SHAPE) == _WANTED


def _a_client(stage: Stage) -> None:
    """The caller makes the socket listen, and tells a client the port that came with it."""
    stage.start()
    found = returned.result(stage)
    if not _has_shape(stage):
        return
    sock, number = found
    stage.fact("number", _meaning(sock, number))
    stage.fact("client", "connected" if _connects(stage, sock, number) else "cannot_connect")


def _meaning(sock: socket.socket, number: int) -> str:
    own = returned.address(sock)
    if own is not None and own[1] == number != 0:
        return "socket_port"
    return "zero" if number == 0 else "another_number"


def _connects(stage: Stage, sock: socket.socket, number: Any) -> bool:
    own = returned.address(sock)
    if own != (_LOOPBACK, number):
        return False
    with suppress(OSError):
        socket.socket.listen(sock)
        stage.connect(own, "client")
        return True
    return False


_TWO_CALLS = {
    "ended": "returned",
    returned.SHAPE: _WANTED,
    "returned_socket": _KIND,
    "bound_to": _LOOPBACK,
    "second_call": returned.ANOTHER,
}

SCENARIOS = (
    Scenario("two calls", lambda stage: returned.two_calls(stage, _TWO_CALLS), _TWO_CALLS),
    Scenario(
        "a client",
        _a_client,
        {
            "ended": "returned",
            returned.SHAPE: _WANTED,
            "number": "socket_port",
            "client": "connected",
        },
    ),
)
