"""Which exercises there are: each folder of `catalogue/` is one. Nothing else lists them."""

from __future__ import annotations

import functools
from pathlib import Path

from helpers.exercises.folder import Folder

CATALOGUE = Path(__file__).parent / "catalogue"


@functools.cache
def folders(catalogue: Path = CATALOGUE) -> dict[str, Folder]:
    """The folder of each exercise by its name, in the order of the lessons. Raises BadFile."""
    found = [Folder(path.parent) for path in catalogue.glob("*/words.toml")]
    found.sort(key=lambda each: (each.words.lesson, each.name))
    return {each.name: each for each in found}


def of_lesson(lesson: str) -> tuple[str, ...]:
    """The names of the exercises of a lesson: `05`."""
    return tuple(name for name, each in folders().items() if each.words.lesson == lesson)
