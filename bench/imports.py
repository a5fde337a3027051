"""Figure 7: `import helpers` against `import socket`, each in a new Python of its own."""

from __future__ import annotations

import sys
from statistics import median

from bench.figures import Goal, Row, paired, spell, spread
from bench.harness import Bench, Plan, run, timed

LIMIT = 0.030
"""Seconds."""
HEAVY = ("ipywidgets", "matplotlib", "psutil")

TIME = Goal("`import helpers`", "`import socket` in the same Python", "at most 30 ms more")
LIGHT = Goal(f"`import helpers` imports none of {', '.join(HEAVY)}", "", "none")
GOALS = (TIME, LIGHT)


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.imports", plan, values=15)
    ours, theirs = samples["import helpers"], samples["import socket"]
    more = median(mine - other for mine, other in zip(ours, theirs, strict=True))
    ratio = f"{spread(paired(ours, theirs))}; {more * 1000:+.0f} ms"
    came = imported()
    return [
        Row(TIME, spell(ours), spell(theirs), ratio, more <= LIMIT),
        Row(LIGHT, ", ".join(came) or "none", reached=not came),
    ]


def imported() -> list[str]:
    """The heavy modules that come with the helpers."""
    program = f"import sys, helpers; print(*(set({HEAVY}) & set(sys.modules)))"
    return sorted(run([sys.executable, "-c", program], timeout=60).split())


def main() -> None:
    bench = Bench("bench.imports")
    for name in ("import socket", "import helpers"):
        bench.runner.bench_command(name, [sys.executable, "-c", name])


if __name__ == "__main__":
    main()
