"""The command: `python -m helpers.desk`. See the package's own words."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers.shadowing import shadowed

USAGE = """\
python -m helpers.desk                open your lessons in JupyterLab (more options: those of Lab)
python -m helpers.desk prepare        make your lessons or bring them up to date, and no more
python -m helpers.desk fresh LESSON   begin a lesson anew; your file is kept under another name

With --course=LANGUAGE each of them is about the lessons in that language (en, or what stands in
translations/). So it is with SOCKET_COURSE_LANG in the environment.
"""

OPTION = "--course="


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status. What is told goes to standard output."""
    root = find_root()
    for folder in (root, *root.glob("my_lessons*")):
        for sentence in shadowed(str(folder)):  # before anything is imported that they may hide
            print(sentence)
    course, left = _course_of(arguments)
    action, rest = "open", left
    if rest and not rest[0].startswith("-"):
        action, *rest = rest
    known = {"open": None, "prepare": 0, "fresh": 1}
    if action not in known or "--help" in rest or known[action] not in (None, len(rest)):
        print(USAGE, end="")
        return 0 if "--help" in rest else 2
    return _do(action, rest, root, course)


def _do(action: str, rest: list[str], root: Path, course: str) -> int:
    from helpers.desk.copies import Desk, DeskError, told
    from helpers.desk.lab import choose_language, open_lab
    from helpers.language import read_marker

    if course:
        read_marker(root / f"notebooks_{course}")
    try:
        desk = Desk(root, course)
        if not desk.lessons():
            raise DeskError(told("no_course"))
        for sentence in desk.fresh(rest[0]) if action == "fresh" else desk.prepare():
            print(sentence)
        choose_language(desk)
        if action == "open":
            open_lab(desk, rest)
    except DeskError as error:
        print(error)
        return 1
    except ImportError as error:
        if not str(error.name).startswith("jupyterlab"):
            raise
        print(told("no_jupyterlab"))
        return 1
    return 0


def _course_of(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The language that is asked for, "" for English, and the other arguments."""
    from helpers.language import ENGLISH, VARIABLE

    chosen = [each for each in arguments if each.startswith(OPTION)]
    last = chosen[-1].removeprefix(OPTION) if chosen else os.environ.get(VARIABLE, "")
    return "" if last == ENGLISH else last, [each for each in arguments if each not in chosen]


def find_root() -> Path:
    """The folder of the course: the current one, or the one from which the helpers come."""
    here = Path.cwd()
    return here if (here / "notebooks").is_dir() else Path(__file__).resolve().parents[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
