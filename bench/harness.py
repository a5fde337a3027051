"""pyperf, as this bench uses it.

Rules of this file:

- Each thing to be timed is a benchmark of pyperf (https://pyperf.readthedocs.io/), in a process of
  its own, after a run that does not count.
- A round times each benchmark of a file once, one after the other. Several rounds alternate:
  what slows the machine down for a while does not fall on one side only.
- The work of one value is fixed (`inner_loops`), so pyperf has no loops to calibrate.
- A benchmark that fails is not measured. Its last words are told.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyperf

from bench.figures import Samples

ROOT = Path(__file__).resolve().parent.parent

TIMEOUT = 1200
"""Seconds that one round of one file may take."""


class NotMeasuredError(Exception):
    """A benchmark failed. The text is one line, for a person."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 5
    scale: float = 1.0
    """The size of the work: 1.0 is what the goals are about, less is a rehearsal."""
    labs: int = 0
    """How often `make lab` from a fresh clone is measured: it is slow."""

    def size(self, full: int) -> int:
        """So many of `full` things, at least one."""
        return max(1, round(full * self.scale))


class Bench:
    """What a file of the bench hands its benchmarks to, in the process that pyperf started."""

    def __init__(self, module: str) -> None:
        self.runner = pyperf.Runner(
            program_args=("-m", module), processes=1, loops=1, add_cmdline_args=_hand_on
        )
        self.runner.argparser.add_argument("--scale", type=float, default=1.0)
        self.plan = Plan(scale=self.runner.parse_args().scale)


def _hand_on(command: list[str], options: argparse.Namespace) -> None:
    """A worker gets the options that its pyperf does not know."""
    command.append(f"--scale={options.scale}")


def timed(module: str, plan: Plan, values: int = 10, warmups: int = 1) -> Samples:
    """Run the benchmarks of a module; the fastest run of each round, by name.

    Raises NotMeasuredError if one of them fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        for _ in range(plan.rounds):
            run_module(
                module,
                f"--append={results}",
                f"--scale={plan.scale}",
                f"--values={values}",
                f"--warmups={warmups}",
                "--copy-env",
                "--quiet",
            )
        suite = pyperf.BenchmarkSuite.load(str(results))
    return {
        each.get_name(): [min(run.values) for run in each.get_runs() if run.values]
        for each in suite
    }


def run_module(module: str, *arguments: str) -> str:
    """What a module of the bench prints, run in a new process.

    Raises NotMeasuredError with its last words if it fails.
    """
    return run([sys.executable, "-m", module, *arguments], TIMEOUT)


def run(command: Sequence[str], timeout: float) -> str:
    """What a command prints. Raises NotMeasuredError with its last words if it fails."""
    try:
        result = subprocess.run(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMeasuredError(f"not finished after {timeout:g} s") from error
    if result.returncode != 0:
        raise NotMeasuredError(last_words(result.stdout))
    return result.stdout


def last_words(printed: str) -> str:
    """The error that a program ended with; not pyperf's own words about it."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line.split(":")[0] and " " in line]
    return (errors or lines or ["it said nothing"])[-1][:200]
