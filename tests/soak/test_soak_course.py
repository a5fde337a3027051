"""The lessons, strictly compared, while the cores are busy: one copy, and several at once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from load import busy_cores

from soak.plan import Soak
from tools.committed_form import ROOT
from tools.notebooks import NOTEBOOKS

FEW = 1
"""Lessons in `make test`, which runs each of them once on a machine at rest."""

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))


class Copy:
    """A copy of the course in a folder of its own, being run with strict comparison."""

    def __init__(self, folder: Path, lessons: list[str]) -> None:
        for name in ("notebooks", "programs"):
            shutil.copytree(ROOT / name, folder / name)
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "helpers").mkdir()
        shutil.copy(ROOT / "helpers" / "nbval.sanitize", folder / "helpers")
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SOCKET_COURSE_DATA": str(folder / "data"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "tools.kernels"]
        if sys.platform != "linux":
            command.append("--nbval-lax")  # the stored outputs are those of Linux
        self.printed = folder / "printed"
        with self.printed.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, *(f"notebooks/{name}" for name in lessons)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> int:
        """How many cells gave their stored output. Every one must have."""
        code = self.process.wait()
        printed = self.printed.read_text(encoding="utf-8")
        assert code == 0, printed
        passed = re.search(r"(\d+) passed", printed)
        assert passed, printed
        return int(passed[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def run(soak: Soak, folder: Path, copies: int) -> None:
    lessons = [path.name for path in soak.some(LESSONS, FEW)]
    with busy_cores():
        running: list[Copy] = []
        try:
            for number in range(copies):
                running.append(Copy(folder / str(number), lessons))
            for each in running:
                soak.done += each.finish()
        finally:
            for each in running:
                each.kill()


def test_two_copies_of_the_course_at_once(soak: Soak, tmp_path: Path) -> None:
    run(soak, tmp_path, copies=2)


@pytest.mark.weekly
def test_the_course_on_busy_cores(soak: Soak, tmp_path: Path) -> None:
    run(soak, tmp_path, copies=1)


@pytest.mark.weekly
def test_four_copies_of_the_course_at_once(soak: Soak, tmp_path: Path) -> None:
    run(soak, tmp_path, copies=4)
