"""Answers in processes of their own, and the tables that come of them."""

from __future__ import annotations

import csv
import os
import select
import sys
from pathlib import Path

import pytest
from handed_in import content

from helpers import exercises
from helpers.grade.__main__ import main
from helpers.grade.answer import Answer
from helpers.grade.running import Grade, Task, grade
from helpers.grade.tables import page, page_name
from helpers.text import harmless_in_csv

RIGHT = exercises.read_exactly.folder.program("solution")

ONE_RECV = "def read_exactly(sock, n):\n    return sock.recv(n)"


def outcome(code: str, seconds: int = 15) -> Grade:
    return grade(Task("kim", "05.ipynb", Answer("read_exactly", code)), seconds)


def body(*lines: str) -> str:
    return "\n".join(["import os, sys", "def read_exactly(sock, n):", *(f"    {x}" for x in lines)])


def test_a_right_answer_is_correct() -> None:
    assert outcome(RIGHT).outcome == "correct"


def test_a_known_mistake_has_its_name_and_the_report() -> None:
    found = outcome(ONE_RECV)
    assert (found.outcome, found.mistake) == ("incorrect", "one recv() is taken for all n bytes")
    assert found.scenario
    assert found.mistake in found.report


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["os._exit(0)"], "exit code 0"),
        (["os._exit(7)"], "exit code 7"),
        (["os.kill(os.getpid(), 11)"], "SIGSEGV"),
        (["os.killpg(0, 9)"], "SIGKILL"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals end a process on POSIX")
def test_an_answer_that_ends_the_process_costs_itself_only(lines: list[str], says: str) -> None:
    found = outcome(body(*lines))
    assert found.outcome == "cannot check"
    assert found.error == f"it ended the whole process ({says})"


def test_what_it_prints_goes_nowhere() -> None:
    code = RIGHT + "\nprint('{\"outcome\": \"correct\"}' * 1000)\nimport os\nos.write(1, b'x')\n"
    assert outcome(code.replace("sock.recv", "print() or sock.recv")).outcome == "correct"


def test_an_endless_loop_is_ended() -> None:
    found = outcome("while True:\n    pass\n", seconds=2)
    assert found.outcome == "cannot check"
    assert found.error in ("ended after 2 seconds", "it ended the whole process (SIGKILL)")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process may use")
def test_memory_and_files_are_bounded(tmp_path: Path) -> None:
    assert "MemoryError" in outcome("x = bytearray(3 * 2**30)\n").error
    large = f"open({str(tmp_path / 'x')!r}, 'wb').write(bytes(2**27))\n"
    assert outcome(large).outcome == "cannot check"
    assert (tmp_path / "x").stat().st_size <= 2**26


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when any process ends")
def test_what_an_answer_has_started_is_ended(tmp_path: Path) -> None:
    child = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    code = f"import os, signal\nif os.fork() == 0:\n    {child}\n    signal.pause()\n"
    code += f"while not os.path.exists({str(tmp_path / 'pid')!r}): pass\nos._exit(3)\n"
    assert "exit code 3" in outcome(code).error
    assert has_ended(int((tmp_path / "pid").read_text() or 0))


def has_ended(pid: int) -> bool:
    """Whether the process ends within ten seconds: a kill is sent first, and done later."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 10)[0])
    finally:
        os.close(process)


def test_an_import_that_is_not_here_costs_that_answer() -> None:
    found = outcome("import not_here\n" + RIGHT)
    assert found.error == "ModuleNotFoundError: No module named 'not_here'"


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handed_in = tmp_path / "in"
    handed_in.mkdir()
    (handed_in / "=cmd|kim.ipynb").write_bytes(content(read_exactly=ONE_RECV))
    (handed_in / "<b>lee.ipynb").write_bytes(content(read_exactly=RIGHT))
    (handed_in / "park.ipynb").write_bytes(b"nothing")
    arguments = [str(handed_in), "--out", str(tmp_path / "out"), "--jobs", "2"]
    assert main(arguments) == 0
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [(row["learner"], row["outcome"]) for row in rows] == [
        ("<b>lee", "correct"),
        ("'=cmd|kim", "incorrect"),
    ]
    said = capsys.readouterr().out
    assert "1  read_exactly  one recv() is taken for all n bytes" in said
    assert "park.ipynb: not a notebook" in said
    pages = sorted((tmp_path / "out" / "learners").iterdir())
    assert len(pages) == 2
    assert all("<b>" not in path.read_text(encoding="utf-8") for path in pages)


def test_the_newest_of_two_counts(tmp_path: Path) -> None:
    (tmp_path / "kim").mkdir()
    for name, code, when in (("a", RIGHT, 200), ("b", ONE_RECV, 100)):
        path = tmp_path / "kim" / f"{name}.ipynb"
        path.write_bytes(content(read_exactly=code))
        os.utime(path, (when, when))
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert "correct" in (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8-sig").split(
        "\n"
    )[1].split(",")


def test_nothing_handed_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == f"No answers in {tmp_path}.\n"
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere")])
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["../../x", "<script>", "con", "김", "a/b", "", "\x00\x1b[2J", "x" * 300]
)
def test_a_name_is_never_a_path_and_never_markup(name: str) -> None:
    made = page_name(name)
    assert made.endswith(".html")
    assert not {*made} & {*"/\\<>:\x00\x1b"}
    assert len(made) < 100
    shown = page(name, [Grade(name, "read_exactly", report="<script>\x1b[31m")])
    assert "<script>" not in shown
    assert "\x1b" not in shown


def test_two_learners_have_two_pages() -> None:
    assert page_name("a/b") != page_name("a_b")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless_in_csv(text) == f"'{text}"
    assert harmless_in_csv("kim") == "kim"


@pytest.mark.weekly
@pytest.mark.parametrize("name", exercises.__all__)
def test_every_right_program_is_correct_here_too(name: str) -> None:
    folder = getattr(exercises, name).folder
    programs = [folder.program("solution"), folder.program("other_way"), *folder.ways.values()]
    found = [grade(Task("kim", "x.ipynb", Answer(name, each))) for each in programs]
    assert [each.error or each.report for each in found if each.outcome != "correct"] == []
