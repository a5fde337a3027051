"""Mutation testing: the helpers are broken on purpose, one small change at a time.

    make mutants                                         150 mutants of each part
    make mutants ARGS="live --sample 60 --seed 2"        fewer of one part, and others
    make mutants ARGS="sockets --again"                  only those that survived the last time

A test fails: the mutant is killed. All tests pass: it survived, and either it is no mistake or
a test is missing. The survivors are printed with what they changed.

Rules of this file:

- cosmic-ray (https://cosmic-ray.readthedocs.io/) makes the mutants. Each is tested in a copy of
  the repository, in a process group of its own that is ended behind it, in `FACTOR` times the
  seconds that the tests take without a change, and `SPARE`.
- At each place, for each kind of change (a number, a comparison), one mutant is drawn. Else the
  11 ways to change one `+` would count 11 times.
- What Python never evaluates is left alone (type annotations), and so is `==` in place of `is`.
- The tests must pass without a change, in each copy, before and after.
"""

from __future__ import annotations

import argparse
import ast
import collections
import difflib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "mutants"

FACTOR = 2.0
SPARE = 15.0
MEMORY = 8 << 30
"""Bytes that one process may take: a mutant may ask for all there is."""

ALIKE = (
    "ReplaceComparisonOperator_Eq_Is",
    "ReplaceComparisonOperator_Is_Eq",
    "ReplaceComparisonOperator_NotEq_IsNot",
    "ReplaceComparisonOperator_IsNot_NotEq",
)
"""For what is compared here (None, enums, small numbers, actors) these two are the same."""

PYTEST = ("-x", "-q", "--no-header", "--tb=no", "-rfE", "-p", "no:cacheprovider")
PLAIN = (
    *("-o", "addopts=", "--import-mode=importlib"),
    *("-p", "_hypothesis_pytestplugin", "--hypothesis-seed=0"),
)
"""In one process, the same examples each time."""
ENVIRONMENT = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # nbval takes 3 seconds to load
    "PYTHONDONTWRITEBYTECODE": "1",  # it goes by the second: two mutants are one to it
}


@dataclass(frozen=True)
class Part:
    """A package, and the tests (files, folders) that must notice: the quick ones first."""

    package: str
    """Its own files are mutated, and not those of a package inside it."""
    tests: tuple[str, ...]
    without: str = ""
    """The names of tests that are too slow for what they find here."""


PARTS = {
    "sockets": Part(
        "helpers/sockets",
        ("sockets", "test_peers.py", "live", "record"),
        "random_sizes or NetworkConnectionBehaviourTest or BufferedFileObject",
    ),
    "record": Part(
        "helpers/record",
        ("record", "sockets", "live", "test_peers.py"),
        "random_sizes or test_oracle",
    ),
    "live": Part(
        "helpers/live",
        ("live", "test_extension.py", "record"),
        "random_sizes or kernel or notebooks or ctrl_c",
    ),
    "exercises": Part(
        "helpers/exercises",
        ("exercises",),
        "each_scenario_finds or does_not_wait_for_the_clock",
    ),
}


@dataclass(frozen=True)
class Mutant:
    """One change, and what became of it."""

    source: str
    operator: str
    occurrence: int
    """Which of the places of this operator in the file."""
    line: int
    before: str
    after: str
    outcome: str = ""
    """killed, timeout or survived."""
    by: str = ""
    """The test that failed."""
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}\n  - {self.before}\n  + {self.after}"


# --- the mutants --------------------------------------------------------------------------------


def never_evaluated(code: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where the code is only for people and for mypy."""
    found: list[ast.expr | ast.stmt | None] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found += node.body
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if node is not None
    ]


def places(source: str, code: str) -> Iterator[tuple[str, tuple[int, int], str, int]]:
    """Kind, position, operator and occurrence of each mutant of a file."""
    left_alone = never_evaluated(code)
    tree = get_ast(code)
    for name in operator_names():
        kind, _, change = name.removeprefix("core/").partition("_")
        if f"{kind}_{change}" in ALIKE or kind in ("VariableInserter", "VariableReplacer"):
            continue  # the last two need to be told which variables
        operator = get_operator(name)()
        spots = [spot for node in ast_nodes(tree) for spot in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(spots):
            if not any(first <= start < last for first, last in left_alone):
                yield kind, start, name, occurrence


def mutated(code: str, operator: str, occurrence: int) -> str:
    changed = mutate_code(code, get_operator(operator)(), occurrence)
    return "" if changed is None else str(changed)


def described(code: str, changed: str) -> tuple[str, str]:
    """The line before and after the change."""
    sides: dict[str, str] = {"-": "", "+": ""}
    for line in list(difflib.unified_diff(code.splitlines(), changed.splitlines(), n=0))[2:]:
        if line[0] in sides:
            sides[line[0]] = f"{sides[line[0]]} {line[1:].strip()}".strip()
    return sides["-"], sides["+"]


def drawn(part: Part, sample: int, seed: int) -> tuple[list[Mutant], int]:
    """The sample, and from how many it was drawn."""
    dice = random.Random(seed)
    at: dict[tuple[str, str, tuple[int, int]], list[tuple[str, int]]] = {}
    codes = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / part.package).glob("*.py"))
    }
    for source, code in codes.items():
        for kind, start, operator, occurrence in places(source, code):
            at.setdefault((source, kind, start), []).append((operator, occurrence))
    chosen = [(key, dice.choice(at[key])) for key in sorted(at)]
    dice.shuffle(chosen)
    found: list[Mutant] = []
    for (source, _, start), (operator, occurrence) in chosen:
        if len(found) == sample:
            break
        code = codes[source]
        changed = mutated(code, operator, occurrence)
        if is_python(changed):
            before, after = described(code, changed)
            found.append(Mutant(source, operator, occurrence, start[0], before, after))
    return found, len(chosen)


def is_python(code: str) -> bool:
    """Whether it compiles: `if not found := ...` does not, `size is 0` only with a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(code, "", "exec")
        except SyntaxError:
            return False
        return True


# --- the tests ----------------------------------------------------------------------------------


def command(part: Part) -> list[str]:
    chosen = [f"tests/{name}" for name in part.tests]
    without = ["-k", f"not ({part.without})"] if part.without else []
    return [sys.executable, "-m", "pytest", *PYTEST, *PLAIN, *without, *chosen]


def run(part: Part, tree: Path, limit: float | None) -> tuple[str, str, float]:
    """Outcome, the test that failed, and how long it took."""
    shutil.rmtree(tree / ".hypothesis", ignore_errors=True)  # what it found in another mutant
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(tree)}
    started = time.monotonic()
    with subprocess.Popen(
        command(part),
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
            outcome = "killed" if process.returncode else "survived"
        except subprocess.TimeoutExpired:
            output, outcome = "", "timeout"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    told = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    told += output.splitlines()[-1:]
    by = told[0][:200] if outcome == "killed" else ""
    return outcome, by, time.monotonic() - started


def tested(mutant: Mutant, part: Part, tree: Path, limit: float) -> Mutant:
    path = tree / mutant.source
    code = path.read_text(encoding="utf-8")
    path.write_text(mutated(code, mutant.operator, mutant.occurrence), encoding="utf-8")
    try:
        outcome, by, seconds = run(part, tree, limit)
    finally:
        path.write_text(code, encoding="utf-8")
    return replace(mutant, outcome=outcome, by=by, seconds=round(seconds, 1))


def unchanged(part: Part, tree: Path) -> float:
    """How long the tests take without a change."""
    outcome, by, seconds = run(part, tree, None)
    if outcome != "survived":
        raise SystemExit(f"The tests fail without a change: {by}")
    return seconds


def copies(number: int, folder: Path) -> list[Path]:
    """Copies of the repository as it stands here, committed or not."""
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache")
    made = [folder / str(place) for place in range(number)]
    for tree in made:
        shutil.copytree(ROOT, tree, ignore=ignored)
    return made


def all_tested(part: Part, mutants: Sequence[Mutant], workers: int) -> Iterator[Mutant]:
    """Each mutant with what became of it, in their order."""
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as folder,
        ThreadPoolExecutor(workers) as pool,
    ):
        trees = copies(workers, Path(folder))
        limit = FACTOR * max(pool.map(lambda tree: unchanged(part, tree), trees)) + SPARE
        print(f"{len(mutants)} mutants, at most {limit:.0f} s for each", flush=True)
        free: SimpleQueue[Path] = SimpleQueue()
        for tree in trees:
            free.put(tree)

        def in_a_copy(mutant: Mutant) -> Mutant:
            tree = free.get()
            try:
                return tested(mutant, part, tree, limit)
            finally:
                free.put(tree)

        yield from pool.map(in_a_copy, mutants)
        for _ in pool.map(lambda tree: unchanged(part, tree), trees):
            pass


# --- the report ---------------------------------------------------------------------------------


def score(mutants: Sequence[Mutant]) -> str:
    outcomes = collections.Counter(mutant.outcome for mutant in mutants)
    killed = outcomes["killed"] + outcomes["timeout"]
    late = f" ({outcomes['timeout']} by the time)" if outcomes["timeout"] else ""
    return f"{killed} of {len(mutants)} killed{late}, {killed / len(mutants):.0%}"


def kept(name: str) -> list[Mutant]:
    """The mutants of the last run."""
    try:
        rows = json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SystemExit(f"{name} has had no run yet: leave out --again") from None
    return [Mutant(**row) for row in rows]


def keep(name: str, mutants: Iterable[Mutant]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    rows = [asdict(mutant) for mutant in mutants]
    (KEPT / f"{name}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def measure(name: str, options: argparse.Namespace) -> None:
    """One part: its mutants, one line for each as it comes, and the score."""
    part = PARTS[name]
    if options.again:
        known = kept(name)
        mutants = [mutant for mutant in known if mutant.outcome == "survived"]
        print(f"{name}: again what survived", flush=True)
    else:
        known = []
        mutants, places_found = drawn(part, options.sample, options.seed)
        print(f"{name}: drawn from {places_found} places with seed {options.seed}", flush=True)
    done = {(each.source, each.operator, each.occurrence): each for each in known}
    for mutant in all_tested(part, mutants, options.workers):
        print(f"{mutant.outcome} after {mutant.seconds} s {mutant.by}\n{mutant}", flush=True)
        done[mutant.source, mutant.operator, mutant.occurrence] = mutant
        keep(name, done.values())
    found = list(done.values())
    print(f"\n{name}: {score(found)}. What survived:")
    for mutant in found:
        if mutant.outcome == "survived":
            print(mutant)
    print(flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", allow_abbrev=False)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--sample", type=int, default=150, help="mutants of a part (default: 150)")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others (default: 1)")
    parser.add_argument("--workers", type=int, default=2, help="at the same time (default: 2)")
    parser.add_argument("--again", action="store_true", help="what survived the last time")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for name in options.parts:
        measure(name, options)


if __name__ == "__main__":
    main()
