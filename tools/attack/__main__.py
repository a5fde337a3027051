"""python -m tools.attack: which mistakes do the checks call correct?"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
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
    """The mutants that are known to be right, each with its reason."""
    path: Path = folder.path / SURVIVORS
    if not path.exists():
        return {}
    return {
        title: why
        for why, titles in read_toml(path, dict[str, list[str]]).items()
        for title in titles
    }


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
            has_reason = title in known
            count["killed" if killer else "explained" if has_reason else "survived"] += 1
            if killer and has_reason:
                print(f"{name}: killed by now: {title}")
            if not killer and (args.show or not has_reason):
                print(f"{name}: {title}    (line {mutant.line})", flush=True)
        without += count["survived"]
        took = f"{time.monotonic() - begun:.0f} s"
        print(f"{name}: {dict(count)} of {count.total()} mutants, {took}", flush=True)
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
