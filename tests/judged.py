"""The programs that the exercises judge: those of the catalogue, and the other right ways."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ways import WAYS

from helpers import exercises
from helpers.exercises.catalogue import catalogue, load
from helpers.exercises.engine import Exercise

NAMES = list(exercises.LESSONS)


def get(name: str) -> Exercise:
    found: Exercise = getattr(exercises, name)
    return found


def mistakes() -> list[tuple[str, str, str, str]]:
    """Exercise, mistake, the scenario in which it shows, and a program with it."""
    return [
        (name, mistake.name, mistake.scenario, code)
        for name in NAMES
        for mistake in catalogue(name).mistakes
        for code in (mistake.code, *mistake.also)
    ]


def ids(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"{row[0]}: {row[1]}" for row in rows]


def right() -> list[tuple[str, str, Callable[..., Any]]]:
    rows = []
    for name in NAMES:
        found = catalogue(name)
        rows.append((name, "solution", load(found.solution.code, name, "solution")))
        rows.append((name, "other way", load(found.other_way.code, name, "other way")))
        rows += [(name, title, way) for title, way in WAYS[name].items()]
    return [row for row in rows if sys.platform != "win32" or not uses_asyncio(row[2])]


def uses_asyncio(function: Callable[..., Any]) -> bool:
    """On Windows asyncio makes its calls past Python's sockets: they are not recorded."""
    return "asyncio" in function.__code__.co_names
