"""The exercises of the lessons: `exercises.read_exactly.check(read_exactly)`.

Each has `check(function)`, `hint()` and `solution()`. One module a lesson says what peers the
function meets; `texts/` has the words; `engine.py` judges. An exercise is loaded when it is
first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.exercises.engine import Exercise

LESSONS = {
    "open_two": "01",
    "free_listener": "02",
    "open_listener": "03",
    "greet": "04",
    "read_exactly": "05",
    "read_lines": "05",
    "read_text": "05",
    "send_all": "06",
    "send_file": "06",
    "ask": "07",
    "echo_server": "08",
}
"""Every exercise, and its lesson."""

__all__ = [*LESSONS]


def __getattr__(name: str) -> Exercise:
    if name not in LESSONS:
        raise AttributeError(
            f"There is no exercise {name!r}. There are: {', '.join(LESSONS)}.", name=name
        )
    lesson = importlib.import_module(f"helpers.exercises.lesson_{LESSONS[name]}")
    found: Exercise = getattr(lesson, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*LESSONS]
