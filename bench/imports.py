"""Figure 7: `import helpers` against `import socket`, each in a new Python of its own.

`helpers` loads a name when it is first asked for, so the names that a lesson asks for first are
measured as well. Each side has imported `socket` before.
"""

from __future__ import annotations

import sys
from statistics import median

from bench.figures import Goal, Rounds, Row, paired, spell, spread
from bench.harness import Bench, Plan, run, timed

LIMIT = 0.030
"""Seconds."""
SOCKET = "import socket"
HEAVY = ("ipywidgets", "matplotlib", "psutil")

TIME = Goal("`import helpers`", "`import socket` in the same Python", "at most 30 ms more")
NAMES = Goal("`from helpers import LiveServer, kernel_view, timeline`", TIME.against, TIME.to_reach)
LIGHT = Goal(f"`import helpers` imports none of {', '.join(HEAVY)}", "", "none")
GOALS = (TIME, NAMES, LIGHT)


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.imports", plan, values=15)
    came = imported()
    return [
        *(_row(goal, samples[goal.figure], samples[SOCKET]) for goal in (TIME, NAMES)),
        Row(LIGHT, ", ".join(came) or "none", reached=not came),
    ]


def _row(goal: Goal, ours: Rounds, theirs: Rounds) -> Row:
    more = median(mine - other for mine, other in zip(ours, theirs, strict=True))
    ratio = f"{spread(paired(ours, theirs))}; {more * 1000:+.0f} ms"
    return Row(goal, spell(ours), spell(theirs), ratio, more <= LIMIT)


def imported() -> list[str]:
    """The heavy modules that come with the helpers."""
    program = f"import sys, helpers; print(*(set({HEAVY}) & set(sys.modules)))"
    return sorted(run([sys.executable, "-c", program], timeout=60).split())


def main() -> None:
    bench = Bench("bench.imports")
    for name in (SOCKET, TIME.figure, NAMES.figure):
        program = f"import socket; {name.strip('`')}"
        bench.runner.bench_command(name, [sys.executable, "-c", program])


if __name__ == "__main__":
    main()
