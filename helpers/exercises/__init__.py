"""The exercises of the lessons: `exercises.read_exactly.check(read_exactly)`.

Each has `check(function)`, `hint()` and `solution()`, and is one folder of `catalogue/`; what is
in a folder stands in `folder.py`. `stage.py` runs the learner's function among its peers,
`engine.py` judges, `report.py` says what was found. An exercise is loaded when it is first asked
for, and its folder's name is its name here; so no module of this package may be called like one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.exercises.engine import Exercise

__all__ = sorted(each.parent.name for each in Path(__file__).parent.glob("catalogue/*/words.toml"))


def __getattr__(name: str) -> Exercise:
    from helpers.exercises.discovery import CATALOGUE, folders

    if name not in __all__:
        from helpers.exercises.wording import check_words
        from helpers.particles import filled

        says = check_words()["refused"]["no exercise"]
        raise AttributeError(filled(says, name=repr(name), known=", ".join(folders())), name=name)
    from helpers.exercises.engine import exercise_in
    from helpers.exercises.folder import Folder

    found = globals()[name] = exercise_in(Folder(CATALOGUE / name))
    return found


def __dir__() -> list[str]:
    return __all__
