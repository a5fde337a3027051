"""The recipe for nbgrader, as it stands on its page, with the real nbgrader: `make weekly`."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.weekly, pytest.mark.posix_only]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "teaching" / "nbgrader.md").read_text(encoding="utf-8")
SETTINGS, ANSWER, TESTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHEET = "sockets"

ANSWERS = {
    "right": ("def read_exactly(sock, n):\n"
              "    data = bytearray()\n"
              "    while len(data) < n:\n"
              "        if not (piece := sock.recv(n - len(data))):\n"
              "            raise EOFError\n"
              "        data += piece\n"
              "    return bytes(data)", 2),
    "known": ("def read_exactly(sock, n):\n    return sock.recv(n)", 1),
    "untouched": (None, 0),
    "hangs": ("def read_exactly(sock, n):\n    while True:\n        pass", 0),
    "broken": ("def read_exactly(sock, n:", 0),
    "ends": ("import os\ndef read_exactly(sock, n):\n    raise SystemExit", 0),
}  # fmt: skip
"""Each learner, the answer, and its points. None: as it was handed out."""


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> str:
    """nbgrader as the page installs it. It brings extensions for JupyterLab: not into this one."""
    folder = tmp_path_factory.mktemp("nbgrader") / "env"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "-e", f"{ROOT}[nbgrader]"]
    subprocess.run(pip, check=True)
    return str(folder / "bin" / "nbgrader")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of nbgrader's with the settings and the assignment of the page."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(SETTINGS)
    (folder / "source" / SHEET).mkdir(parents=True)
    nbformat.write(assignment(), folder / "source" / SHEET / "exercise.ipynb")
    return folder


def assignment() -> NotebookNode:
    notebook = new_notebook(cells=[new_code_cell(ANSWER), new_code_cell(TESTS)])
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    kinds = ({"grade": False, "solution": True}, {"grade": True, "solution": False, "points": 2})
    for number, (cell, kind) in enumerate(zip(notebook.cells, kinds, strict=True)):
        cell.metadata.nbgrader = {
            "schema_version": 3, "grade_id": f"cell-{number}", "locked": kind["grade"],
            "task": False, "cell_type": "code", **kind,
        }  # fmt: skip
    return notebook


def run(program: str, *arguments: str, course: Path) -> str:
    path = os.pathsep.join([str(Path(program).parent), os.environ["PATH"]])
    result = subprocess.run(
        [program, *arguments],
        cwd=course,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_what_is_handed_out_is_graded(nbgrader: str, course: Path) -> None:
    run(nbgrader, "generate_assignment", SHEET, course=course)
    released = nbformat.read(course / "release" / SHEET / "exercise.ipynb", as_version=4)
    assert "piece" not in released.cells[0].source
    assert released.cells[0].source.rstrip().endswith("...")
    for learner, (answer, _) in ANSWERS.items():
        handed_in = course / "submitted" / learner / SHEET
        handed_in.mkdir(parents=True)
        if answer is not None:
            released.cells[0].source = answer
        nbformat.write(released, handed_in / "exercise.ipynb")
        if answer is None:
            (handed_in / "exercise.ipynb").write_bytes(
                (course / "release" / SHEET / "exercise.ipynb").read_bytes()
            )
    run(nbgrader, "autograde", SHEET, course=course)
    run(nbgrader, "export", course=course)
    with open(course / "grades.csv", newline="") as table:
        points = {row["student_id"]: float(row["score"]) for row in csv.DictReader(table)}
    assert points == {learner: points for learner, (_, points) in ANSWERS.items()}
    graded = (course / "autograded" / "known" / SHEET / "exercise.ipynb").read_text("utf-8")
    assert "one recv() is taken for all n bytes" in graded
