"""Mistakes that any function can have, in any exercise: their words stand in `check.toml`.

Each is known by what it leaves, and by nothing else: what was printed, the value that was
returned, an error that Python raised when it called the function.
"""

from __future__ import annotations

from helpers.exercises.folder import Mistake
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import THREAD_ERROR, Stage
from helpers.exercises.wording import check_words

_PROMISES = ("returned", "shape", "result")
"""Facts of a function that has to return something."""

_NO_COMMA = "argument after * must be an iterable"
"""What Python says of `args=(conn)`."""


def common_mistake(scenario: Scenario, stage: Stage) -> Mistake | None:
    """The mistake of this kind that the run shows, or None."""
    key = _key(scenario, stage)
    if not key:
        return None
    says = check_words()[key]
    return Mistake(says["name"], scenario.name, says["says"], says["next"])


def too_deep(scenario: Scenario, stage: Stage) -> Mistake | None:
    """It has called itself between calls on sockets, until Python allowed no more; or None.

    To be asked last: an exercise may know better what it has called itself for.
    """
    if not isinstance(stage.run.error, RecursionError) or not stage.calls:
        return None
    says = check_words()["too deep"]
    return Mistake(says["name"], scenario.name, says["says"], says["next"])


def _key(scenario: Scenario, stage: Stage) -> str:
    run = stage.run
    if _NO_COMMA in str(stage.facts.get(THREAD_ERROR, "")):
        return "no comma"
    if isinstance(run.error, TypeError) and not stage.calls and _is_of_the_call(run.error):
        return "arguments"
    if run.ended != "returned" or not _must_return(scenario):
        return ""
    value = run.value
    if isinstance(value, BaseException) or (
        isinstance(value, type) and issubclass(value, BaseException)
    ):
        return "error returned"
    printed = run.where.log if run.where is not None else ""
    return "printed" if value is None and _has_what_was_wanted(scenario, printed) else ""


def _has_what_was_wanted(scenario: Scenario, printed: str) -> bool:
    """Whether a value that was to be returned stands in what was printed."""
    wanted = [scenario.expected.get("returned"), *scenario.expected.get("lines", ())]
    return any(each and repr(each).strip("b'\"") in printed for each in wanted)


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
