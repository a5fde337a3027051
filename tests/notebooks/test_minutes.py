"""The minutes that a learner reads are those of the rule, in every place."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.course import lessons
from tools import minutes

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = "run: python -m tools.minutes write, then: python -m tools.notebooks write notebooks/00*"


@pytest.fixture(params=lessons.LESSONS, ids=lambda each: each.number)
def lesson(request: pytest.FixtureRequest) -> lessons.Lesson:
    found: lessons.Lesson = request.param
    return found


def test_a_lesson_says_its_minutes(lesson: lessons.Lesson) -> None:
    notebook = minutes.read(lesson)
    assert lesson.minutes == minutes.minutes(notebook) <= minutes.LONGEST, HOW_TO
    assert notebook.cells[0].source.count(minutes.title(lesson)) == 1, HOW_TO


def test_each_map_says_them_too(lesson: lessons.Lesson) -> None:
    first = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    maps = [cell.source for cell in first.cells if cell.id == "map"]
    maps.append((ROOT / "README.md").read_text(encoding="utf-8"))
    for text in maps:
        found = re.search(minutes.row(lesson), text)
        assert found
        assert found[0].removeprefix(found[1]) == lesson.minutes_text, HOW_TO


@pytest.mark.parametrize("readme", sorted(ROOT.glob("README.*.md")), ids=lambda each: each.name)
def test_a_readme_in_another_language_has_the_lessons_of_that_language(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")
    folder = f"notebooks_{readme.suffixes[0].removeprefix('.')}"
    shown = minutes.in_map(text, lessons.LESSONS)
    assert [lesson.file for lesson in shown] == sorted(
        file.name for file in (ROOT / folder).glob("*.ipynb")
    )
    assert minutes.with_rows(text, shown) == text, HOW_TO


def test_the_exercises_have_minutes_of_their_own() -> None:
    for lesson in lessons.LESSONS:
        each = lesson.exercise_minutes / max(1, len(lesson.exercises))
        assert (8 <= each <= 30) if lesson.exercises else each == 0


# --- the rule -----------------------------------------------------------------------------------


def notebook(*cells: NotebookNode) -> NotebookNode:
    made: NotebookNode = new_notebook(cells=list(cells))
    return made


PROSE = " ".join(["word"] * 150)


@pytest.mark.parametrize(
    ("kind", "cell", "seconds"),
    [
        ("prose", new_markdown_cell(PROSE), 60),
        ("prose", new_markdown_cell("[two words](https://example.org/many-more)"), 0.8),
        ("prose", new_markdown_cell("| a | b |\n|---|---|\n| c | d |"), 1.6),
        ("code", new_code_cell("a = 1\nb = 2\nc = 3"), 30),
        ("code", new_code_cell("a = 1\nb = 2\n\n\nc = 3\nd = 4\ne = 5"), 42),
        ("questions", new_code_cell('predict("recv-exactly-five")'), 40),
        ("questions", new_code_cell('recall("06")'), 120),
        ("changes", new_markdown_cell("**Change it.** Send two."), 120),
        ("panels", new_code_cell("server = start()\npanel(server)"), 300),
    ],
)
def test_each_kind_of_work_has_its_time(kind: str, cell: NotebookNode, seconds: float) -> None:
    assert minutes.parts(notebook(cell))[kind] == pytest.approx(seconds)


def test_a_question_is_a_question_and_nothing_else() -> None:
    asked = minutes.parts(notebook(new_code_cell('predict("recv-exactly-five")')))
    assert sum(asked.values()) == asked["questions"]


def test_the_section_of_the_exercises_is_left_out_and_what_follows_it_is_not() -> None:
    text = new_markdown_cell
    lesson = notebook(
        text("## Exercises\n\n" + PROSE), new_code_cell("a"), text("## What you saw\n\n" + PROSE)
    )
    assert minutes.parts(lesson)["prose"] == pytest.approx(60 + 3 * 0.4)
    assert minutes.parts(lesson)["code"] == 0


def test_minutes_are_rounded_up_to_five() -> None:
    assert minutes.minutes(notebook(new_markdown_cell(PROSE))) == 5
    assert minutes.minutes(notebook(new_markdown_cell(f"{PROSE} " * 5))) == 5
    assert minutes.minutes(notebook(new_markdown_cell(f"{PROSE} " * 5 + "a"))) == 10


def test_a_place_that_is_gone_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="0 places"):
        minutes.with_rows("no map", lessons.LESSONS)
