"""Measure all figures in one run, print them as one table, write it to `bench/README.md`.

    make bench                                  about ten minutes
    make bench ARGS="--lab"                     `make lab` from a fresh clone too
    make bench ARGS="--only starts imports"     some of them; the others are "not measured"

The exit code is 1 if something could not be measured. A goal that is missed is no error.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import (
    course,
    crowd,
    drawing,
    echoes,
    idle,
    imports,
    lab,
    looks,
    machine,
    memory,
    starts,
    table,
)
from bench.figures import Goal, Row
from bench.harness import NotMeasuredError, Plan

README = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Part:
    """One file of the bench."""

    goals: tuple[Goal, ...]
    measure: Callable[[Plan], list[Row]]


PARTS = {
    "starts": Part(starts.GOALS, starts.measure),
    "echoes": Part(echoes.GOALS, echoes.measure),
    "idle": Part(idle.GOALS, idle.measure),
    "memory": Part(memory.GOALS, memory.measure),
    "drawing": Part(drawing.GOALS, drawing.measure),
    "looks": Part(looks.GOALS, looks.measure),
    "course": Part(course.GOALS, course.measure),
    "imports": Part(imports.GOALS, imports.measure),
    "lab": Part(lab.GOALS, lab.measure),
    "crowd": Part(crowd.GOALS, crowd.measure),
}


def measured(names: Sequence[str], plan: Plan) -> tuple[list[Row], bool]:
    """All rows of the table, and whether all that was asked for could be measured."""
    rows: list[Row] = []
    complete = True
    for name, part in PARTS.items():
        if name not in names:
            rows += (Row(goal) for goal in part.goals)
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            found = part.measure(plan)
        except NotMeasuredError as error:
            complete = False
            found = [Row(goal, f"not measured: {error}") for goal in part.goals]
        for row in found:
            print(f"  {row.goal.figure}: {row.ours} {row.ratio}", file=sys.stderr, flush=True)
        rows += found
    return rows, complete


def report(rows: Sequence[Row], plan: Plan, load: str) -> str:
    """The table, and what it was measured on."""
    scale = "" if plan.scale == 1 else f" A rehearsal: {plan.scale:g} of the full size."
    return (
        f"Measured on {machine.description()}. Load average at the start: {load}. "
        f"Rounds: {plan.rounds}.{scale}\n\n{table.markdown(rows)}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", allow_abbrev=False)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument(
        "--lab",
        nargs="?",
        const=2,
        default=0,
        type=int,
        metavar="TIMES",
        help="`make lab` from a fresh clone too (so often; default: 2)",
    )
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="how often (default: 5)")
    parser.add_argument("--scale", type=float, default=1.0, help="less than 1.0: a rehearsal")
    parser.add_argument("--readme", type=Path, default=README, help="the file to write")
    options = parser.parse_args(arguments)
    plan = Plan(options.rounds, options.scale, options.lab)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as a learner imports: compiled once
    load = machine.load()
    rows, complete = measured(options.only or list(PARTS), plan)
    text = report(rows, plan, load)
    print(text)
    table.put(options.readme, text)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
