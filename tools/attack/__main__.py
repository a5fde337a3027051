"""python -m tools.attack: which mistakes do the checks call correct?"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from helpers import exercises, recording
from helpers.exercises.call_log import CallLog
from helpers.exercises.discovery import folders
from helpers.exercises.engine import LIMIT, Exercise
from helpers.exercises.folder import Folder, load
from helpers.record.record import record
from helpers.toml_file import read_toml
from tools.attack.mutants import Mutant, mutants
from tools.attack.operators import OPERATORS

SURVIVORS = "survivors.toml"
"""In the folder of an exercise: reasons, each with the mutants that are still right by it."""

EVERYWHERE = Path(__file__).parent / SURVIVORS
"""Reasons that hold in each exercise."""

OF_A_KIND = "*"
"""Stands in the name of a mutant for anything. Such a name is one for a kind of mutants."""


def programs(folder: Folder, ways: bool) -> Iterator[tuple[str, str]]:
    """The right programs: the solution and the other way, or all."""
    yield from ((name, folder.program(name)) for name in ("solution", "other_way"))
    if ways:
        yield from folder.ways.items()


def killed_by(exercise: Exercise, code: str) -> str:
    """The scenario that refuses a program; "" if none does."""
    deadline = time.monotonic() + LIMIT
    try:
        function = load(code, exercise.name, "mutant")
    except Exception:
        return "it cannot be run"
    with recording(), record.isolated(CallLog(record.lock)):
        for scenario in exercise.scenarios:
            stage = exercise.play(scenario, function, deadline)
            if not scenario.accepts(stage.facts) or stage.out_of_time:
                return scenario.name
    return ""


def explained(folder: Folder) -> dict[str, str]:
    """The mutants that are known to be right, each with its reason; and the kinds of them."""
    return {
        title: why
        for path in (EVERYWHERE, folder.path / SURVIVORS)
        if path.exists()
        for why, titles in read_toml(path, dict[str, list[str]]).items()
        for title in titles
    }


def is_of(title: str, name: str) -> bool:
    """Whether this mutant has that name, or is of the kind."""
    if OF_A_KIND not in name:
        return title == name
    parts = map(re.escape, name.split(OF_A_KIND))
    return re.fullmatch(".*".join(parts), title, re.DOTALL) is not None


def has_reason(title: str, reasons: Iterable[str]) -> bool:
    """Whether it is known that this mutant is right."""
    return title in reasons or any(is_of(title, name) for name in reasons)


def attack(exercise: Exercise, ways: bool, only: list[str]) -> Iterator[tuple[str, Mutant, str]]:
    """(Title of the mutant, the mutant, who killed it) for each."""
    for program, code in programs(exercise.folder, ways):
        for mutant in mutants(code, only):
            yield mutant.title(program), mutant, killed_by(exercise, mutant.code)


def main() -> int:
    """Print the survivors. 1 if one of them has no reason."""
    parser = argparse.ArgumentParser(prog="tools.attack", description=__doc__)
    parser.add_argument("exercise", nargs="*", default=[*folders()])
    parser.add_argument("--ways", action="store_true", help="all right programs")
    parser.add_argument("--only", default=", ".join(OPERATORS), help="these operators")
    parser.add_argument("--show", action="store_true", help="also those that have their reason")
    args = parser.parse_args()
    without = 0
    for name in args.exercise:
        exercise = getattr(exercises, name)
        known, count = explained(exercise.folder), Counter[str]()
        begun = time.monotonic()
        for title, mutant, killer in attack(exercise, args.ways, args.only.split(", ")):
            known_right = has_reason(title, known)
            count["killed" if killer else "explained" if known_right else "survived"] += 1
            if killer and title in known:
                print(f"{name}: killed by now: {title}")
            if not killer and (args.show or not known_right):
                print(f"{name}: {title}    (line {mutant.line})", flush=True)
        without += count["survived"]
        took = f"{time.monotonic() - begun:.0f} s"
        print(f"{name}: {dict(count)} of {count.total()} mutants, {took}", flush=True)
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
