"""Mistakes that any function can have, in any exercise: their words stand in `check.toml`.

Each is known by what it leaves, and by nothing else: what was printed, the value that was
returned, an error that Python raised when it called the function.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType
from typing import Any

from helpers.exercises.evidence import OF_A_FAMILY
from helpers.exercises.folder import Mistake
from helpers.exercises.run import SENDS_CRUMBS, SLEEPS
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import THREAD_ERROR, Stage
from helpers.exercises.values import items_of
from helpers.exercises.wording import check_words
from helpers.particles import filled

_PROMISES = ("returned", "shape", "result")
"""Facts of a function that has to return something."""

_ITEMS = ("lines", "messages")
"""Facts of a function that has to give an iterator."""

_NO_COMMA = "argument after * must be an iterable"
"""What Python says of `args=(conn)`."""

_CAN_BE_CALLED = (type, FunctionType, BuiltinFunctionType, MethodType)
"""What is called by parentheses behind its name."""

_IN_BRACES = re.compile(rb"\{[A-Za-z_][^{}]*\}")
"""What an f-string would put a value in place of."""


def common_mistake(scenario: Scenario, stage: Stage) -> Mistake | None:
    """The mistake of this kind that the run shows, or None."""
    key = _key(scenario, stage)
    if not key:
        return None
    says = check_words()[key]
    text = says["says"]
    if key == "not awaited":
        text = filled(text, name=stage.run.never_awaited[0])
    return Mistake(says["name"], scenario.name, text, says["next"])


def by_what_is_left(scenario: Scenario, stage: Stage) -> Mistake | None:
    """A mistake that shows in what the function has left, or in the kind of its value; or None.

    To be asked last: an exercise may know better why it is so.
    """
    for key, shows in _LEFT.items():
        if shows(scenario, stage):
            says = check_words()[key]
            return Mistake(says["name"], scenario.name, says["says"], says["next"])
    return None


def _is_too_deep(scenario: Scenario, stage: Stage) -> bool:
    """It has called itself between calls on sockets, until Python allowed no more."""
    return isinstance(stage.run.error, RecursionError) and bool(stage.calls)


def _is_generator(scenario: Scenario, stage: Stage) -> bool:
    return isinstance(stage.run.value, GeneratorType) and _must_return(scenario)


def _has_closed(scenario: Scenario, stage: Stage) -> bool:
    return _now(scenario, stage, "socket") == "closed" and any(
        call.call == "close" and call.outcome == "done" for call in stage.calls
    )


def _has_left_a_limit(scenario: Scenario, stage: Stage) -> bool:
    is_limit = _now(scenario, stage, "socket") in ("open_with_timeout", "open_without_waiting")
    return is_limit or _now(scenario, stage, "blocking_mode") == "changed"


def _has_changed_the_default(scenario: Scenario, stage: Stage) -> bool:
    return "whole_program" in stage.facts


def _has_given_a_limit(scenario: Scenario, stage: Stage) -> bool:
    """A listener that it has made waits for so many seconds only, and nothing else is wrong."""
    return any(
        isinstance(found, tuple)
        and found[-1:] == ("with_a_limit",)
        and found[:-1] == scenario.expected.get(fact)
        for fact, found in stage.facts.items()
    )


def _has_answered(scenario: Scenario, stage: Stage) -> bool:
    return "peer.received" in stage.facts and "peer.received" not in scenario.expected


def _has_ended_its_side(scenario: Scenario, stage: Stage) -> bool:
    has_ended = stage.facts.get("peer.saw") == "end" and "peer.saw" not in scenario.expected
    return has_ended and any(call.call == "shutdown" for call in stage.calls)


def _sends_braces(scenario: Scenario, stage: Stage) -> bool:
    """What a peer received has a name in braces, and should have something else there."""
    return any(
        isinstance(found, bytes)
        and found != scenario.expected.get(fact)
        and _IN_BRACES.search(found) is not None
        for fact, found in stage.facts.items()
        if fact.endswith(".received")
    )


def _is_not_called(scenario: Scenario, stage: Stage) -> bool:
    """A function or a class is what it returned, or is among it."""
    value = stage.run.value
    found = items_of(value) if issubclass(type(value), tuple | list) else [value]
    return any(issubclass(type(each), _CAN_BE_CALLED) for each in found)


def _sleeps(scenario: Scenario, stage: Stage) -> bool:
    return stage.run.ended == SLEEPS


def _is_text(scenario: Scenario, stage: Stage) -> bool:
    return isinstance(stage.facts.get("returned"), str) and _wanted_value(scenario, bytes)


def _is_bytes(scenario: Scenario, stage: Stage) -> bool:
    return isinstance(stage.facts.get("returned"), bytes) and _wanted_value(scenario, str)


def _wanted_value(scenario: Scenario, kind: type) -> bool:
    return type(scenario.expected.get("returned")) is kind


def _now(scenario: Scenario, stage: Stage, fact: str) -> Any:
    """This fact, where it is not as it should be."""
    found = stage.facts.get(fact)
    return None if found == scenario.expected.get(fact) else found


_LEFT: dict[str, Callable[[Scenario, Stage], bool]] = {
    "too deep": _is_too_deep,
    "braces": _sends_braces,
    "sleeps": _sleeps,
    "no call": _is_not_called,
    "generator": _is_generator,
    "text": _is_text,
    "bytes": _is_bytes,
    "closed": _has_closed,
    "limit for all": _has_changed_the_default,
    "limit given": _has_given_a_limit,
    "limit left": _has_left_a_limit,
    "answered": _has_answered,
    "ended side": _has_ended_its_side,
}
"""The mistakes by their keys in `check.toml`, and how each is seen. The first one is told."""


def _key(scenario: Scenario, stage: Stage) -> str:
    run = stage.run
    if run.never_awaited:
        return "not awaited"
    if _NO_COMMA in str(stage.facts.get(THREAD_ERROR, "")):
        return "no comma"
    if run.serves and _prints_what_comes(stage):
        return "printed only"
    if isinstance(run.error, TypeError) and not stage.calls and _is_of_the_call(run.error):
        return "arguments"
    if run.ended == SENDS_CRUMBS:
        return "sends crumbs"
    if run.ended != "returned" or not _must_return(scenario):
        return ""
    value = run.value
    if isinstance(value, BaseException) or (
        isinstance(value, type) and issubclass(value, BaseException)
    ):
        return "error returned"
    return "printed" if value is None and _has_what_was_wanted(scenario, _printed(stage)) else ""


def _printed(stage: Stage) -> str:
    return stage.run.where.log if stage.run.where is not None else ""


def _prints_what_comes(stage: Stage) -> bool:
    """Whether a server has printed at least a line for each piece that came, and sent nothing."""
    printed = _printed(stage)
    names = [OF_A_FAMILY.get(call.call, call.call) for call in stage.calls]
    pieces = [call for call, name in zip(stage.calls, names, strict=True) if name == "recv"]
    count = sum(call.size > 0 for call in pieces)
    return 0 < count <= printed.count("\n") and not {"send", "sendall", "sendfile"} & {*names}


def _has_what_was_wanted(scenario: Scenario, printed: str) -> bool:
    """Whether a value that was to be returned stands in what was printed."""
    items = [each for key in _ITEMS for each in scenario.expected.get(key, ())]
    wanted = [scenario.expected.get("returned"), *items]
    if any(isinstance(each, list) and each and _all_in(each, printed) for each in wanted):
        return True
    return any(
        each
        and (repr(each).strip("b'\"") in printed or (isinstance(each, str) and each in printed))
        for each in wanted
    )


def _all_in(items: list[Any], printed: str) -> bool:
    return all(isinstance(each, str) and each in printed for each in items)


def _must_return(scenario: Scenario) -> bool:
    promised = [scenario.expected[key] for key in _PROMISES if key in scenario.expected]
    fails = str(scenario.expected.get("ended", "")).startswith("raised")
    return fails or any(each not in (None, "none") for each in promised)


def _is_of_the_call(error: BaseException) -> bool:
    """Whether Python raised it when it called the function: no line of the function has run."""
    trace, frames = error.__traceback__, []
    while trace is not None:
        frames.append(trace.tb_frame.f_globals.get("__name__"))
        trace = trace.tb_next
    return bool(frames) and str(frames[-1]).startswith("helpers.")
