"""A function that tries again what has failed, and cannot succeed: it is not waited for."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from helpers.exercises import fair_time
from helpers.exercises.run import TRIES_AGAIN
from helpers.exercises.stage import Stage
from helpers.record.events import Event

_LOOK_AT = 4
"""Tries that failed, from the first one on: two of them are in the same way, for a program has two
or three ways. A loop makes thousands."""

ENOUGH = 0.5
"""Seconds after which a function whose bind() has failed waits for the next try. One that is right
needs a thousandth of them."""


def begins(stage: Stage, *args: Any) -> bool:
    """Call the function. False if its bind() has failed, and it goes on: that is the fact then."""
    stage.start(*args)
    run = stage.run
    fair_time.watch(lambda: run.is_over or _tries_again(stage), ENOUGH)
    is_busy = not run.is_over and not run.threads.are_at_rest()
    if _tries_again(stage) or (is_busy and failed_binds(run.calls)):
        run.ended, run.computes = TRIES_AGAIN, True  # a loop: it is interrupted without a delay
        stage.fact("ended", run.ended)
    return not run.ended


def failed_binds(calls: Sequence[Event]) -> list[Event]:
    """The calls of bind() that have failed."""
    return [each for each in calls if each.call == "bind" and each.outcome == "failed"]


def _tries_again(stage: Stage) -> bool:
    """Whether a bind() has failed twice in the same way."""
    calls = stage.run.calls
    ways = [_way(calls, each) for each in failed_binds(calls)[:_LOOK_AT]]
    return len(ways) > len(set(ways))


def _way(calls: Sequence[Event], bind: Event) -> Hashable:
    """How it was tried: another address is another way, and so is another option before it."""
    options = [
        repr(each.arguments)
        for each in calls
        if each.call == "setsockopt" and each.socket == bind.socket and each.number < bind.number
    ]
    return repr(bind.arguments), *options
