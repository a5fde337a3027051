"""The soak: the tests of `tests/soak`, over and over, each round from another seed.

    python -m bench.soak --minutes 60                 all parts in turn
    python -m bench.soak --minutes 5 --only live      one of them
    python -m bench.soak --seed 7 ...                 the rounds of an earlier soak again

Rules of this file:

- Each round of a part is one run of pytest, in a process of its own. `SOAK_SEED` and `SOAK_SIZE`
  tell it what to do (`tests/soak/plan.py`).
- No round is done twice because it failed. A failure is told at once, with what repeats it; the
  soak goes on, and ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

from bench import machine, table

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "bench" / "README.md"
BEGIN = "<!-- soak: written by `make soak ARGS=--write` -->"
END = "<!-- end of the soak -->"

PARTS = {
    "course": "cells compared",
    "order": "cells run",
    "live": "steps",
    "views": "examples",
    "programs": "connections",
    "exercises": "programs judged",
    "tls": "connections",
    "ends": "connections",
}
"""Each part, and what it counts. Its tests are in `tests/soak/test_soak_PART.py`."""

SIZE = 10
"""How much larger a round is than in `make test`."""

HANGS = 1200
"""Seconds after which a test that still runs says where every thread stands, and ends."""


@dataclass(frozen=True)
class Round:
    """One run of one part."""

    part: str
    number: int
    seed: int
    done: int
    failures: int
    seconds: float
    megabytes: float
    """The most that the run, or one process of it, has held."""
    said: str = ""
    """What pytest printed, if something failed."""

    def line(self) -> str:
        return (
            f"{self.part:9}  round {self.number:3}  seed {self.seed:10}  "
            f"{self.done:7,} {PARTS[self.part]:15}  failures {self.failures}  "
            f"{self.seconds:6.1f} s  {self.megabytes:6.1f} MB"
        )


def command(part: str) -> list[str]:
    return [
        *(sys.executable, "-m", "pytest", f"tests/soak/test_soak_{part}.py"),
        *("-q", "-m", "", "-p", "no:cacheprovider", "-o", f"faulthandler_timeout={HANGS}"),
        *("-o", "junit_family=legacy"),  # the one in which a test may say how much it has done
    ]


def play(part: str, number: int, seed: int, size: int) -> Round:
    """Run the tests of a part once."""
    began = time.monotonic()
    environment = {**os.environ, "SOAK_SEED": str(seed), "SOAK_SIZE": str(size)}
    with tempfile.TemporaryDirectory() as folder:
        results, printed = Path(folder) / "results.xml", Path(folder) / "printed"
        with printed.open("wb") as file:
            process = subprocess.Popen(
                [*command(part), f"--junitxml={results}"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.terminate()
                process.wait()
                raise
        process.returncode = os.waitstatus_to_exitcode(status)
        done, failures = read(results)
        said = printed.read_text(encoding="utf-8", errors="backslashreplace")
    if process.returncode and not failures:
        failures = 1  # It did not come to its end: a crash, or a test that hung.
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    seconds = time.monotonic() - began
    return Round(
        part, number, seed, done, failures, seconds, kilobytes / 1024, said if failures else ""
    )


def read(results: Path) -> tuple[int, int]:
    """What the tests of a run have done, and how many failed. A skipped one has failed too."""
    if not results.exists():
        return 0, 0
    root = ElementTree.parse(results).getroot()
    done = sum(int(each.attrib["value"]) for each in root.iter("property"))
    failed = {"failure", "error", "skipped"}
    return done, sum(bool(failed & {each.tag for each in case}) for case in root.iter("testcase"))


def rounds(parts: Sequence[str], seed: int, size: int, minutes: float) -> Iterator[Round]:
    """The parts in turn. None begins after the minutes are over, but each has one turn."""
    end = time.monotonic() + 60 * minutes
    for number in count(1):
        for part in parts:
            if number > 1 and time.monotonic() > end:
                return
            yield play(part, number, own_seed(seed, part, number), size)


def own_seed(seed: int, part: str, number: int) -> int:
    """The seed of one round: it depends on nothing but these three."""
    return random.Random(f"{seed} {part} {number}").randrange(1, 2**32)


def tell(result: Round, size: int) -> None:
    print(result.line(), flush=True)
    if result.failures:
        print(result.said)
        repeat = f"SOAK_SEED={result.seed} SOAK_SIZE={size} python -m pytest"
        print(f"FAILED. Repeat: {repeat} tests/soak/test_soak_{result.part}.py", flush=True)


def summary(results: Sequence[Round]) -> str:
    """The rounds as a Markdown table, one line for each part."""
    lines = [("part", "rounds", "done", "failures", "minutes", "most memory"), ("---",) * 6]
    for part, things in PARTS.items():
        own = [each for each in results if each.part == part]
        if own:
            lines.append(
                (
                    part,
                    f"{len(own)}",
                    f"{sum(each.done for each in own):,} {things}",
                    f"{sum(each.failures for each in own)}",
                    f"{sum(each.seconds for each in own) / 60:.1f}",
                    f"{max(each.megabytes for each in own):.0f} MB",
                )
            )
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=60, help="default: %(default)s")
    parser.add_argument("--seed", type=int, help="default: a new one")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--size", type=int, default=SIZE, help="of a round; default: %(default)s")
    parser.add_argument("--write", action="store_true", help="the summary into bench/README.md")
    options = parser.parse_args(arguments)
    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    print(f"The soak: {options.minutes:g} minutes, seed {seed}, size {options.size}.", flush=True)
    before, began = machine.load(), time.monotonic()
    results = []
    for result in rounds(options.only or list(PARTS), seed, options.size, options.minutes):
        tell(result, options.size)
        results.append(result)
    minutes = (time.monotonic() - began) / 60
    text = (
        f"{minutes:.0f} minutes on {machine.description()}. Load average at the start: {before}. "
        f"Seed {seed}, size {options.size}.\n\n{summary(results)}"
    )
    print(f"\n{text}")
    if options.write:
        table.put(README, text, BEGIN, END)
    return 1 if any(each.failures for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
