"""Which calls tell a known mistake from the right programs: proposals for the claims of words.toml.

    python -m tools.claims                  all exercises
    python -m tools.claims read_exactly     one of them

Every program of an exercise plays in the scenario in which its mistake shows. What all programs
with the mistake have done there, and no right one, can be claimed of them. An author chooses:
a claim should be what the words of the mistake speak of (`helpers/exercises/evidence.py`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable

from helpers import exercises, recording
from helpers.exercises.call_log import CallLog
from helpers.exercises.discovery import folders
from helpers.exercises.engine import Exercise
from helpers.exercises.evidence import claimable
from helpers.exercises.folder import load
from helpers.exercises.scenario import Scenario
from helpers.record.record import record

SECONDS = 3.0
"""Seconds that one program may take in a scenario."""

TIMES = 2
"""Each program plays so often: what differs from one time to the next is not claimed."""


def done(exercise: Exercise, scenario: Scenario, codes: Iterable[str]) -> list[set[str]]:
    """What could be claimed of each program, in this scenario."""
    found: list[set[str]] = []
    for code in codes:
        each: set[str] | None = None
        for _ in range(TIMES):
            with recording(), record.isolated(CallLog(record.lock)):
                function = load(code, exercise.name, "program")
                stage = exercise.play(scenario, function, time.monotonic() + SECONDS)
            shown = set(claimable(stage.calls))
            each = shown if each is None else each & shown
        found.append(each or set())
    return found


def proposals(exercise: Exercise) -> dict[str, list[str]]:
    """For each known mistake what could be claimed of it, by its key."""
    folder = exercise.folder
    right = [folder.program("solution"), folder.program("other_way"), *folder.ways.values()]
    scenarios = {each.name: each for each in exercise.scenarios}
    of_right: dict[str, list[set[str]]] = {}
    found = {}
    for key, mistake in folder.words.mistakes.items():
        scenario = scenarios[mistake.scenario]
        if scenario.name not in of_right:
            of_right[scenario.name] = done(exercise, scenario, right)
        good, wrong = of_right[scenario.name], done(exercise, scenario, folder.mistakes[key])
        more = wrong[0].intersection(*wrong) - good[0].union(*good)
        less = good[0].intersection(*good) - wrong[0].union(*wrong)
        found[key] = sorted(more) + sorted(f"no {each}" for each in less)
    return found


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description="Proposals for the claims of known mistakes.")
    parser.add_argument("exercise", nargs="*", default=[*folders()])
    for name in parser.parse_args().exercise:
        exercise = getattr(exercises, name)
        print(f"\n{name}")
        for key, could in proposals(exercise).items():
            declared = list(exercise.folder.words.mistakes[key].claims)
            print(f"  {key}: {declared} of {could}")


if __name__ == "__main__":
    main()
