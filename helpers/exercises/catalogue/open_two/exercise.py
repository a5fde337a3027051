"""open_two: a TCP and a UDP socket."""

from __future__ import annotations

from typing import Any

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import Quoted, is_socket

_TWO_SOCKETS = Quoted("(socket, socket)")


def _are_two_sockets(found: list[Any]) -> bool:
    return len(found) == 2 and all(map(is_socket, found))


def _one_call(stage: Stage) -> None:
    """The caller looks at what it has got."""
    stage.start()
    found = returned.result(stage)
    if _are_two_sockets(found):
        first, second = found
        stage.fact("first_socket", returned.look(stage, first))
        looks = "first_socket_again" if second is first else returned.look(stage, second)
        stage.fact("second_socket", looks)


def _two_calls(stage: Stage) -> None:
    """The caller keeps the first two open, and asks for two more."""
    stage.start()
    first = returned.result(stage)
    if _are_two_sockets(first) and stage.run.start_again():
        second = returned.result(stage)
        again = any(one is other for one in first for other in second)
        kept = all(map(returned.is_open, first))
        gave = "other_sockets" if kept else "first_ones_closed"
        stage.fact("second_call", "same_sockets" if again else gave)


SCENARIOS = (
    Scenario(
        "one call",
        _one_call,
        {
            "ended": "returned",
            returned.SHAPE: _TWO_SOCKETS,
            "first_socket": ("tcp", "ipv4", "open"),
            "second_socket": ("udp", "ipv4", "open"),
        },
    ),
    Scenario(
        "two calls",
        _two_calls,
        {
            "ended": "returned",
            returned.SHAPE: _TWO_SOCKETS,
            "second_call": "other_sockets",
        },
    ),
)
