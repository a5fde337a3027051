"""`python -m helpers.grade FOLDER`: check all notebooks that were handed in."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers import exercises
from helpers.grade.answer import Unreadable, answers_in
from helpers.grade.running import SECONDS, Grade, Task, graded
from helpers.grade.submissions import Problem, found_in
from helpers.grade.tables import summary, write_all

DESCRIPTION = """Check the exercises in notebooks that learners have handed in.

FOLDER has a notebook, a zip or a folder for each learner, or one zip with a folder for each.
Every answer runs in a process of its own. It is the code of a stranger, and this is no sandbox:
run it in a container, or as a user who owns nothing (see docs/teaching.md)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 if nothing was handed in, 2 for a wrong argument."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.grade",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=Path("grades"), help="where to write (grades)")
    parser.add_argument("--exercise", action="append", choices=exercises.__all__, metavar="NAME",
                        help="only this exercise; may be given several times")  # fmt: skip
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 2,
                        help="answers at the same time (one for each core)")  # fmt: skip
    parser.add_argument("--seconds", type=_positive, default=SECONDS,
                        help=f"how long one answer may take ({SECONDS})")  # fmt: skip
    given = parser.parse_args(arguments)
    names = given.exercise or exercises.__all__
    try:
        tasks, problems = read(given.folder, names)
    except OSError as error:
        parser.error(f"{given.folder}: {error.strerror or error}")
    grades = whole_table([*graded(tasks, given.jobs, given.seconds)])
    if not grades:
        for each in problems:
            print(f"{each.file}: {each.says}", file=sys.stderr)
        print(f"No answers in {given.folder}.", file=sys.stderr)
        return 1
    try:
        write_all(given.out, grades, problems)
    except OSError as error:
        parser.error(f"{given.out}: {error.strerror or error}")
    print(summary(grades, problems, given.out))
    return 0


def read(folder: Path, names: Sequence[str]) -> tuple[list[Task], list[Problem]]:
    """The answers in a folder, and what could not be read. Raises OSError.

    Of several answers of one learner to one exercise, the one in the exercise's own
    cell counts, and of several such, the one of the newest file.
    """
    newest: dict[tuple[str, str], tuple[tuple[bool, float], Task]] = {}
    problems = []
    for found in found_in(folder):
        if isinstance(found, Problem):
            problems.append(found)
            continue
        try:
            answers = answers_in(found.content, names)
        except Unreadable as error:
            problems.append(Problem(found.file, str(error)))
            continue
        for answer in answers:
            key = (found.learner, answer.exercise)
            rank = (answer.by_id, found.changed)
            if key not in newest or newest[key][0] <= rank:
                newest[key] = (rank, Task(found.learner, found.file, answer))
    return [task for _, task in newest.values()], problems


def whole_table(grades: Sequence[Grade]) -> list[Grade]:
    """Each learner with each exercise that anybody has handed in."""
    order = [name for name in exercises.__all__ if any(each.exercise == name for each in grades)]
    have = {(each.learner, each.exercise): each for each in grades}
    return [
        have.get((learner, name), Grade(learner, name))
        for learner in sorted({each.learner for each in grades})
        for name in order
    ]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
