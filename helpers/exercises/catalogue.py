"""The catalogue of an exercise: all that a learner reads of it, and the programs in it.

There is one file for each, `texts/NAME.toml`, so that a translator finds all words in one
place. `texts/check.toml` has the words that every check uses.
"""

from __future__ import annotations

import functools
import linecache
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Way:
    """A program that is right, and why."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A program that is wrong in a way that many learners' programs are."""

    name: str
    scenario: str
    """The first scenario in which it shows."""
    says: str
    """What is wrong, in terms of what the sockets did."""
    next: str
    """The one step to take now."""
    code: str
    also: tuple[str, ...] = ()
    """Other programs with the same mistake, which look different from outside."""


@dataclass(frozen=True, slots=True)
class ScenarioText:
    """The words for one scenario."""

    peer: str
    """What the peer does."""
    next: str
    """The step to take when it fails and no known mistake explains it."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that is written about one exercise."""

    signature: str
    task: str
    starter: str
    hints: tuple[str, ...]
    """From a nudge to nearly there."""
    solution: Way
    other_way: Way
    scenarios: dict[str, ScenarioText] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()


def _read(name: str) -> dict[str, Any]:
    text = resources.files("helpers.exercises").joinpath(f"texts/{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


@functools.cache
def catalogue(name: str) -> Catalogue:
    """The catalogue of the exercise of that name. Raises TypeError if a part is missing."""
    found = _read(name)
    return Catalogue(
        signature=found["signature"],
        task=found["task"].strip(),
        starter=found["starter"].strip("\n"),
        hints=tuple(hint.strip() for hint in found["hints"]),
        solution=Way(**found["solution"]),
        other_way=Way(**found["other_way"]),
        scenarios={name: ScenarioText(**each) for name, each in found["scenarios"].items()},
        mistakes=tuple(
            Mistake(**{**each, "also": tuple(each.get("also", ()))}) for each in found["mistakes"]
        ),
    )


@functools.cache
def words() -> dict[str, dict[str, str]]:
    """The words that every check uses."""
    return _read("check")


def load(code: str, name: str, title: str) -> Callable[..., Any]:
    """The function `name` of a program in a catalogue. Its source can be shown, as a cell's can."""
    filename = f"<{name}: {title}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": "exercise"}
    exec(compile(code, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function
