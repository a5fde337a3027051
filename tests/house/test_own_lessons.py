"""docs/own-lessons.md: what the page says to do is done here, word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "own-lessons.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks(info: str) -> list[str]:
    """What stands on the page between ```info and ```."""
    return re.findall(rf"^```{re.escape(info)}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def command(start: str) -> str:
    """The one command on the page that begins so."""
    (found,) = re.findall(rf"^    ({re.escape(start)}.*)$", TEXT, re.MULTILINE)
    return str(found)


def run(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """A command of the page, with this Python and the programs beside it."""
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": beside, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one lesson, made as the page says."""
    made = tmp_path_factory.mktemp("lessons")
    cells = [nbformat.v4.new_code_cell(cell.rstrip("\n")) for cell in blocks("python cell")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), made / "shout.ipynb")
    (settings,) = blocks("toml pyproject.toml")
    (made / "pyproject.toml").write_text(settings, encoding="utf-8")
    for line in (command("jupyter execute"), command('python -c "import helpers, pathlib')):
        result = run(made, line)
        assert result.returncode == 0, result.stdout
    return made


def test_the_lesson_of_the_page_shows_what_happened(folder: Path) -> None:
    stored = nbformat.read(folder / "shout.ipynb", as_version=4)
    (printed, ladder) = stored.cells[2].outputs
    assert printed.text.startswith("b'HEY' at ('127.0.0.1', ")
    assert "sendall(b'H')" in ladder.data["text/plain"]


def test_its_outputs_are_compared_as_the_page_says(folder: Path) -> None:
    text = (folder / "shout.ipynb").read_text("utf-8")
    (folder / "changed.ipynb").write_text(text.replace("b'HEY'", "b'hey'"), encoding="utf-8")
    shown = run(folder, command("python -m pytest")).stdout
    assert "FAILED changed.ipynb::Cell 2" in shown
    assert "1 failed, 7 passed" in shown


def test_the_program_of_the_page_runs(tmp_path: Path) -> None:
    (program,) = blocks("python program")
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    shown = run(tmp_path, "python program.py").stdout
    assert "── 5 bytes ──►" in shown
    assert "'sendall'" in shown.splitlines()[-1]


def test_the_command_that_finds_helpers_names_a_file(tmp_path: Path) -> None:
    shown = run(tmp_path, command('python -c "import helpers; print')).stdout.strip()
    assert Path(shown).parts[-2:] == ("helpers", "__init__.py")
