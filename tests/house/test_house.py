"""The house around the course: clean code, the Makefile's plain words, the tests' own rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=240,
    )


@pytest.mark.parametrize("tool", ["ruff check", "ruff format --check", "mypy"])
def test_the_code_is_clean(tool: str) -> None:
    result = run(sys.executable, "-m", *tool.split())
    if result.returncode != 0:
        pytest.fail(result.stdout, pytrace=False)


# --- the Makefile -------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder in which nothing is installed yet."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python_that(folder: Path, script: str) -> str:
    """A program that stands for some other Python."""
    path = folder / "some_python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


@pytest.mark.posix_only
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 1", "Python 3.11 or newer is needed."),
        ('case "$2" in *venv*) exit 1;; esac', "Python's venv module is missing."),
    ],
    ids=["too old", "without venv"],
)
def test_make_says_in_one_line_what_is_wrong_with_python(
    clone: Path, script: str, says: str
) -> None:
    result = run("make", "lab", "UV=", python_that(clone, script), cwd=clone)
    said = [line for line in result.stdout.splitlines() if not line.startswith("make")]
    assert result.returncode != 0
    assert len(said) == 1
    assert said[0].startswith(says)
    assert not (clone / ".venv").exists()


@pytest.mark.posix_only
def test_make_says_in_one_line_that_python_is_missing(clone: Path) -> None:
    result = run("make", "lab", "PYTHON=no_such_python", cwd=clone)
    assert "Python is missing: there is no no_such_python." in result.stdout


@pytest.mark.posix_only
@pytest.mark.parametrize("uv", ["", "/somewhere/uv"])
def test_make_installs_with_uv_where_it_is_and_with_pip_elsewhere(clone: Path, uv: str) -> None:
    lines = run("make", "-n", "lab", f"UV={uv}", f"PYTHON={sys.executable}", cwd=clone).stdout
    with_uv = f'"{uv}" venv -q --clear --seed --python "{sys.executable}" .venv'
    with_pip = f'"{sys.executable}" -m venv .venv'
    assert (with_uv in lines, with_pip in lines) == (bool(uv), not uv)
    installs = (
        f'"{uv}" pip install -q --compile-bytecode --python .venv/bin/python' if uv else "-m pip"
    )
    assert f"{installs} " in lines
    assert "-r requirements.txt" in lines


@pytest.mark.posix_only
def test_make_alone_lists_its_targets(clone: Path) -> None:
    listed = re.findall(r"^make (\w+)", run("make", cwd=clone).stdout, re.MULTILINE)
    assert listed[:4] == ["lab", "test", "weekly", "notebooks"]


# --- the rules of conftest.py -------------------------------------------------------------------

TESTS = """\
import socket, subprocess, sys, threading
import pytest

kept = []
done = threading.Event()

@pytest.fixture(scope="module")
def shared():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener

def test_clean(shared, tmp_path):
    with socket.create_server(("127.0.0.1", 0)):
        thread = threading.Thread(target=int)
        thread.start()
        subprocess.run([sys.executable, "-c", ""], check=True)

def test_leaks_a_socket():
    kept.append(socket.create_server(("127.0.0.1", 0)))

def test_leaks_a_file(tmp_path):
    kept.append(open(tmp_path / "left.txt", "w"))

def test_leaks_a_thread():
    threading.Thread(target=done.wait, name="left-thread", daemon=True).start()

def test_leaks_a_child():
    kept.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))

@pytest.mark.may_leave_open("a test of the tests")
def test_may_leak():
    kept.append(open(__file__))

def test_skips():
    pytest.skip("no chromium here")

@pytest.mark.linux_only
@pytest.mark.posix_only
def test_marked():
    pass

@pytest.fixture(scope="session", autouse=True)
def end():
    yield
    done.set()
    for thing in kept:
        if isinstance(thing, subprocess.Popen):
            thing.communicate("")
        else:
            thing.close()
"""


def verdicts(folder: Path, *options: str, ci: str) -> str:
    """What the tests above come to."""
    (folder / "test_made.py").write_text(TESTS)
    for name in ("conftest.py", "leaks.py", "servers.py"):
        shutil.copy(ROOT / "tests" / name, folder)
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(folder)]
    command += ["-v", "-W", "ignore::pytest.PytestUnknownMarkWarning", *options, str(folder)]
    return run(*command, cwd=folder, CI=ci, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").stdout


def test_a_test_that_leaves_something_open_fails_with_its_name(tmp_path: Path) -> None:
    leaks = {"socket": "socket", "thread": "thread 'left-thread'", "child": "child process"}
    if sys.platform != "win32":
        leaks["file"] = "left.txt"
    report = verdicts(tmp_path, "-k", "leaks_a", ci="")
    for test, named in leaks.items():
        assert f"::test_leaks_a_{test} ERROR" in report
        told = report.split(f"ERROR at teardown of test_leaks_a_{test} ")[1]
        assert named in told.split("The test left open:")[1].split("____")[0]


def test_a_tidy_test_and_a_shared_fixture_pass_the_leak_check(tmp_path: Path) -> None:
    report = verdicts(tmp_path, "-k", "clean or may_leak or marked", ci="true")
    there = "3 passed" if sys.platform == "linux" else "2 passed, 1 skipped"
    assert f"{there}, 5 deselected" in report


def test_a_skip_is_a_failure_in_ci_and_only_there(tmp_path: Path) -> None:
    assert "::test_skips SKIPPED" in verdicts(tmp_path, "-k", "skips", ci="")
    report = verdicts(tmp_path, "-k", "skips", ci="true")
    assert "::test_skips FAILED" in report
    assert "In CI nothing skips. This did: Skipped: no chromium here" in report


@pytest.mark.parametrize(("options", "selected"), [([], 1), (["-m", "weekly"], 2)])
def test_the_long_forms_are_left_to_make_weekly(options: list[str], selected: int) -> None:
    """Deselected, not skipped: in CI nothing skips."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    report = run(*command, *options, "tests/soak/test_soak_course.py").stdout
    assert f"{selected}/3 tests collected ({3 - selected} deselected)" in report
