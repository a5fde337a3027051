"""Figure 6: the strict run of all notebooks, against as many notebooks of one trivial cell."""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from pathlib import Path

import nbformat

from bench.figures import Goal, Row, at_most
from bench.harness import ROOT, Bench, Plan, timed

ROUNDS = 2
"""One round takes minutes."""

SERIAL = Goal(
    "strict nbval of the whole course, serial",
    "as many notebooks of one trivial cell",
    "at most 1.25 times",
)
TWO = Goal("the same with two workers", "the course, serial", "at most 0.7 times")
GOALS = (SERIAL, TWO)


def measure(plan: Plan) -> list[Row]:
    few = dataclasses.replace(plan, rounds=min(plan.rounds, ROUNDS))
    samples = timed("bench.course", few, values=1, warmups=0)
    serial, trivial, two = (samples[name] for name in ("serial", "trivial", "two workers"))
    return [at_most(SERIAL, serial, trivial, 1.25), at_most(TWO, two, serial, 0.7)]


def notebooks(plan: Plan) -> list[Path]:
    found = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return found[: plan.size(len(found))]


def write_trivial(folder: Path, count: int) -> list[str]:
    """Notebooks with one cell, `1`, and its output."""
    result = nbformat.v4.new_output(
        "execute_result", {"text/plain": "1"}, execution_count=1, metadata={}
    )
    cell = nbformat.v4.new_code_cell("1", execution_count=1, outputs=[result])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    paths = [folder / f"{number:02}.ipynb" for number in range(count)]
    for path in paths:
        nbformat.write(notebook, path)
    return [str(path) for path in paths]


def main() -> None:
    bench = Bench("bench.course")
    course = notebooks(bench.plan)
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "pyproject.toml",
        "-q",
        "-p",
        "no:cacheprovider",
    ]
    with tempfile.TemporaryDirectory() as folder:
        # The learner's own progress stays out of it.
        os.environ["SOCKET_COURSE_DATA"] = os.environ["IPYTHONDIR"] = folder
        trivial = write_trivial(Path(folder), len(course))
        paths = [str(path) for path in course]
        bench.runner.bench_command("trivial", [*pytest, *trivial])
        bench.runner.bench_command("serial", [*pytest, *paths])
        bench.runner.bench_command("two workers", [*pytest, "-n", "2", *paths])


if __name__ == "__main__":
    main()
