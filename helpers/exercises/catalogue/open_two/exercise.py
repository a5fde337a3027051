"""open_two: a TCP and a UDP socket."""

from __future__ import annotations

from typing import Any

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import is_socket


def _are_two_sockets(found: list[Any]) -> bool:
    return len(found) == 2 and all(map(is_socket, found))


def _one_call(stage: Stage) -> None:
    """The caller looks at what it has got."""
    stage.start()
    found = returned.result(stage)
    if _are_two_sockets(found):
        first, second = found
        again = "the first socket once more"
        stage.note("the first socket", returned.look(stage, first))
        stage.note("the second socket", again if second is first else returned.look(stage, second))


def _two_calls(stage: Stage) -> None:
    """The caller keeps the first two open, and asks for two more."""
    stage.start()
    first = returned.result(stage)
    if _are_two_sockets(first) and stage.start_again():
        second = returned.result(stage)
        again = any(one is other for one in first for other in second)
        kept = all(map(returned.is_open, first))
        gave = "other sockets" if kept else "other sockets, and the first ones are closed now"
        stage.note("the second call gave", "the same sockets again" if again else gave)


SCENARIOS = (
    Scenario(
        "one call",
        _one_call,
        {
            "ended": "returned",
            returned.SHAPE: "(socket, socket)",
            "the first socket": "TCP, IPv4, open",
            "the second socket": "UDP, IPv4, open",
        },
    ),
    Scenario(
        "two calls",
        _two_calls,
        {
            "ended": "returned",
            returned.SHAPE: "(socket, socket)",
            "the second call gave": "other sockets",
        },
    ),
)
