"""The process in which one answer is checked: `python -m helpers.grade.child`.

It reads one JSON object from stdin, and writes one to what was its stdout. What the answer prints
goes nowhere. The answer is a stranger's code: it can do in this process all that this file can,
so it can forge its own outcome. It is kept from disturbing others, and from nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

MEMORY = 2 * 2**30
"""Bytes of addresses that the process may have. Measured: a check with thirty threads takes half
of it, nearly all of it stacks that are not touched."""

DESCRIPTORS = 1024
"""What most systems give a program."""

LARGEST_FILE = 64 * 2**20
"""Bytes of a file. Chosen: the files that the checks themselves write are ten times smaller."""


def main() -> None:
    """Check one answer, and write what was found."""
    asked = json.loads(sys.stdin.buffer.read())
    result = os.dup(1)  # not inherited by programs that the answer starts
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    _limit(int(asked["seconds"]))
    found = checked(asked["exercise"], asked["code"], asked["file"])
    os.write(result, json.dumps(found).encode())
    os._exit(0)  # threads of the answer may go on for ever


def checked(exercise: str, code: str, file: str) -> dict[str, Any]:
    """What the check of this exercise finds: outcome, scenario, mistake, error, report."""
    from helpers import exercises
    from helpers.exercises.folder import load
    from helpers.text import error_text, visible

    try:
        function = load(code, exercise, file)
    except BaseException as error:
        return {"outcome": "cannot check", "error": visible(error_text(error))[:300]}
    try:
        report = getattr(exercises, exercise).check(function)
    except TypeError as error:  # it is no function, or an async one
        return {"outcome": "cannot check", "error": visible(error_text(error))[:300]}
    return {
        "outcome": report.outcome,
        "scenario": report.scenario,
        "mistake": report.mistake,
        "error": visible(error_text(report.error))[:300] if report.error else "",
        "report": str(report)[:20_000],
    }


def _limit(seconds: int) -> None:
    """Bound what the process may use. On Windows there are no such bounds."""
    try:
        import resource
    except ImportError:
        return
    limits = {"AS": MEMORY, "NOFILE": DESCRIPTORS, "FSIZE": LARGEST_FILE, "CPU": seconds, "CORE": 0}
    for name, limit in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        _, most = resource.getrlimit(which)
        most = limit if most == resource.RLIM_INFINITY else min(limit, most)
        try:
            resource.setrlimit(which, (most, most))
        except (ValueError, OSError):  # macOS has no bound for addresses
            continue


if __name__ == "__main__":
    main()
