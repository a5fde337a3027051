"""A file of the learner with the name of a module is told of, before it does harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.shadowing import shadowed
from tools.notebooks import execute

ROOT = Path(__file__).resolve().parents[2]


def made(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text("")
    return folder


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    result = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )
    return result.stdout


@pytest.mark.parametrize("file", ["socket.py", "selectors.py", "ssl/__init__.py"])
def test_a_file_with_the_name_of_a_standard_module_is_named(tmp_path: Path, file: str) -> None:
    (sentence,) = shadowed(str(made(tmp_path, file)))
    name = file.partition(".")[0].partition("/")[0]
    assert sentence.startswith(f"{tmp_path / file} has the name of Python's own module `{name}`.")
    assert sentence.endswith("Give it another name.")


@pytest.mark.parametrize("file", ["helpers.py", "helpers/__init__.py", "ipywidgets.py"])
def test_a_file_with_the_name_of_an_installed_module_is_named(tmp_path: Path, file: str) -> None:
    (sentence,) = shadowed(str(made(tmp_path, file)))
    assert f"{tmp_path / file} has the name of the installed module" in sentence


@pytest.mark.parametrize(
    "file",
    [
        "my_server.py",
        "socket.txt",
        "socket.ipynb",
        "helpers/notes.txt",  # a folder of data: `import` takes any real module before it
        "time.py",  # built into Python, as `import` finds before any file
        "os.py",  # frozen into Python
    ],
)
def test_a_file_that_hides_nothing_is_not_named(tmp_path: Path, file: str) -> None:
    assert list(shadowed(str(made(tmp_path, file)))) == []


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    assert list(shadowed(str(tmp_path / "gone"))) == []


def test_no_file_of_the_course_hides_a_module() -> None:
    assert run(ROOT, "-P", "-m", "helpers.shadowing", ".", "notebooks", "programs") == ""


def test_load_ext_tells_it_in_a_real_kernel_and_the_course_works(tmp_path: Path) -> None:
    """A kernel finds Python's own modules first, but a program in the same folder does not."""
    made(tmp_path, "socket.py", "filelock.py")
    cells = ["%load_ext helpers", "import socket\nsocket.socket().close()"]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, cells)])
    first, second = execute(notebook, "made", tmp_path).cells
    (output,) = first.outputs
    assert "socket.py has the name of Python's own module `socket`." in output.text
    assert "filelock.py has the name of the installed module `filelock`." in output.text
    assert second.outputs == []


def test_a_foreign_helpers_says_so_in_a_real_kernel(tmp_path: Path) -> None:
    """None of our code runs then: the words are IPython's. README names them."""
    made(tmp_path, "helpers.py")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%load_ext helpers")])
    (output,) = execute(notebook, "made", tmp_path).cells[0].outputs
    assert output.text == "The helpers module is not an IPython extension.\n"


@pytest.mark.parametrize("line", ["from helpers import LiveServer", "helpers.recording()"])
def test_a_program_beside_such_a_file_gets_an_error_that_names_it(
    tmp_path: Path, line: str
) -> None:
    made(tmp_path, "socket.py")
    (tmp_path / "program.py").write_text(f"import helpers\n{line}\n")
    shown = run(tmp_path, "program.py")
    assert f"ImportError: {tmp_path / 'socket.py'} has the name of Python's own" in shown


def test_the_look_before_jupyterlab_works_where_little_else_does(tmp_path: Path) -> None:
    made(tmp_path, "socket.py", "types.py", "re.py", "typing.py")
    shown = run(tmp_path, "-P", "-m", "helpers.shadowing", ".")
    assert [line.partition(" ")[0] for line in shown.splitlines()] == [
        str(tmp_path / name) for name in ("re.py", "socket.py", "types.py", "typing.py")
    ]


@pytest.mark.posix_only
def test_make_lab_starts_the_desk_past_such_files() -> None:
    """`-P`: the folder in which one calls make is not where Python looks for modules."""
    lines = subprocess.check_output(
        ["make", "--no-print-directory", "-n", "lab"], cwd=ROOT, encoding="utf-8"
    ).splitlines()
    assert lines[-1].startswith(".venv/bin/python -P -m helpers.desk")


def test_the_desk_names_such_files_before_it_does_anything_else(tmp_path: Path) -> None:
    for folder in ("notebooks", "my_lessons"):
        (tmp_path / folder).mkdir()
        made(tmp_path / folder, "types.py", "re.py")
    made(tmp_path, "socket.py", "types.py", "re.py", "typing.py")
    shown = run(tmp_path, "-P", "-m", "helpers.desk", "prepare").splitlines()
    named = [line.partition(" ")[0] for line in shown if "has the name of" in line]
    assert named == [
        str(tmp_path / name)
        for name in ("re.py", "socket.py", "types.py", "typing.py", "my_lessons/re.py")
    ] + [str(tmp_path / "my_lessons" / "types.py")]
