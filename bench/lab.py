"""Figure 8: `make lab` from a fresh clone to the page, against a plain JupyterLab.

Slow, so only with `--lab`. Both sides install from the same index with the same cache of pip. Ours
comes first: if the cache has to be filled, that is on our side.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.figures import Goal, Row, at_most
from bench.harness import ROOT, NotMeasuredError, Plan, run

PACKAGES = ("jupyterlab", "nbval", "ipywidgets")
TIMEOUT = 600.0
"""Seconds until the page must be there."""

GOAL = Goal(
    "`make lab` from a fresh clone to the page",
    f"`pip install {' '.join(PACKAGES)}` in a fresh environment, and start",
    "at most 1.1 times",
)
GOALS = (GOAL,)


def measure(plan: Plan) -> list[Row]:
    if not plan.labs:
        return [Row(GOAL, "not measured: only with --lab")]
    ours, theirs = zip(*((make_lab(), plain_lab()) for _ in range(plan.labs)), strict=True)
    return [at_most(GOAL, ours, theirs, 1.1)]


def make_lab() -> float:
    """Seconds from `git clone` to the course's page."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "course"
        began = time.perf_counter()
        run(["git", "clone", "--quiet", str(ROOT), str(clone)], TIMEOUT)
        python = f"PYTHON={getattr(sys, '_base_executable', sys.executable)}"
        until_page(["make", "lab", "BROWSER=", python], clone, Path(folder))
        return time.perf_counter() - began


def plain_lab() -> float:
    """Seconds from nothing to JupyterLab's page."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "environment"
        python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
        began = time.perf_counter()
        base = getattr(sys, "_base_executable", sys.executable)
        run([base, "-m", "venv", str(environment)], TIMEOUT)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "-qq", "install"]
        run([*pip, *PACKAGES], TIMEOUT)
        lab = [python, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
        until_page(lab, Path(folder), Path(folder))
        return time.perf_counter() - began


def until_page(command: Sequence[str], folder: Path, runtime: Path) -> None:
    """Start JupyterLab, wait until its page answers, end it.

    A server writes its address and its token into its runtime folder.
    Raises NotMeasuredError if there is no page in time.
    """
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime / "runtime")}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        limit = time.monotonic() + TIMEOUT
        while not _page_answers(runtime / "runtime"):
            if process.poll() is not None:
                raise NotMeasuredError(f"{' '.join(command[:2])} ended without a page")
            if time.monotonic() > limit:
                raise NotMeasuredError(f"no page after {TIMEOUT:g} s")
            time.sleep(0.05)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _page_answers(runtime: Path) -> bool:
    for path in runtime.glob("jpserver-*.json"):
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
            page = f"{server['url']}lab?token={server['token']}"
            with urllib.request.urlopen(page, timeout=10) as answer:
                return int(answer.status) == 200
        except (OSError, ValueError):
            return False  # not written to the end yet, or not listening yet
    return False
