"""The teacher's notes: each cell, question, mistake and minute that they name is in the lesson."""

from __future__ import annotations

import re
from functools import cache

import pytest
from nbformat import NotebookNode

from helpers.course import questions
from helpers.course.lessons import LESSONS, Lesson
from helpers.exercises import discovery
from tools import minutes

FIRST_PART = 13
"""Lessons up to the echo programs."""

TEACHING = minutes.ROOT / "docs" / "teaching.md"
PARTS = [
    "After it, a learner can",
    "What goes wrong, and what to say",
    "Ask the class",
    "On the projector",
]
CODE = re.compile(r"`([^`]+)`")
ASKED = re.compile(r"^\d\. `([^`]+)`, before the cell `([^`]+)`\.", re.MULTILINE)
MISTAKE = re.compile(r"^- \*([^*]+)\* \(`([^`]+)`\)", re.MULTILINE)
CELLS = re.compile(r"\bcells? (`[^`]+`(?:(?:, | and |, and )`[^`]+`)*)")
SECTION = re.compile(r"\bsections? (\d+)(?: (?:and|to) (\d+))?", re.IGNORECASE)


@pytest.fixture(params=LESSONS, ids=lambda lesson: lesson.number)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    found: Lesson = request.param
    return found


def note_of(lesson: Lesson) -> str:
    return minutes.note(lesson).read_text(encoding="utf-8")


@cache
def notebook_of(lesson: Lesson) -> NotebookNode:
    return minutes.read(lesson)


def part(lesson: Lesson, name: str) -> str:
    """What stands below a heading."""
    return note_of(lesson).split(f"## {name}\n")[1].split("\n## ")[0]


def ids(lesson: Lesson) -> set[str]:
    return {cell.id for cell in notebook_of(lesson).cells}


def in_the_lesson(lesson: Lesson) -> str:
    """All that a learner reads in the lesson: its cells, what they gave, its exercises."""
    found = [str(cell) for cell in notebook_of(lesson).cells]
    found += [cell.source for cell in notebook_of(lesson).cells]
    found += [str(discovery.folders()[name].words) for name in lesson.exercises]
    return "\n".join(found)


def test_there_is_a_note_for_each_lesson_with_the_same_parts(lesson: Lesson) -> None:
    text = note_of(lesson)
    assert text.startswith(f"# {lesson.number} {lesson.title}: for the teacher\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert f"](../../notebooks/{lesson.file})" in text
    assert f"](teaching/{minutes.note(lesson).name})" in TEACHING.read_text(encoding="utf-8")


def test_its_minutes_are_those_of_the_lesson(lesson: Lesson) -> None:
    assert note_of(lesson).count(minutes.title(lesson)) == 1, "run: python -m tools.minutes write"


def test_each_cell_that_it_names_is_in_the_lesson(lesson: Lesson) -> None:
    named = {name for each in CELLS.findall(note_of(lesson)) for name in CODE.findall(each)}
    assert named
    assert named - ids(lesson) == set()


def test_each_name_and_word_of_code_is_in_the_lesson(lesson: Lesson) -> None:
    """The names of cells and questions, calls, errors, words of the outputs."""
    text = in_the_lesson(lesson)
    names = ids(lesson) | {each for one in LESSONS for each in one.predictions}
    spans = set(CODE.findall(note_of(lesson))) - names - set(lesson.exercises)
    assert [each for each in sorted(spans) if each not in text] == []


def test_each_section_that_it_names_is_there(lesson: Lesson) -> None:
    sources = "\n".join(cell.source for cell in notebook_of(lesson).cells)
    there = set(re.findall(r"^## (\d+)\. ", sources, re.MULTILINE))
    named = {each for pair in SECTION.findall(note_of(lesson)) for each in pair if each}
    assert named <= there


def test_it_has_three_questions_of_the_lesson_before_the_cells_that_answer(lesson: Lesson) -> None:
    asked = ASKED.findall(part(lesson, "Ask the class"))
    assert len(asked) == 3
    for name, cell in asked:
        assert name in lesson.predictions
        assert questions.prediction(name).cell == cell


def test_each_mistake_that_it_names_is_one_that_the_check_knows(lesson: Lesson) -> None:
    named = MISTAKE.findall(part(lesson, PARTS[1]))
    known = {
        (mistake.name, exercise)
        for exercise in lesson.exercises
        for mistake in discovery.folders()[exercise].words.mistakes.values()
    }
    assert set(named) <= known
    assert len(named) >= 3 * len(lesson.exercises)


def test_after_it_each_thing_that_a_learner_can_do_is_seen_somewhere(lesson: Lesson) -> None:
    shown = ids(lesson) | set(lesson.predictions) | set(lesson.exercises)
    for line in re.findall(r"^- .*(?:\n  .*)*", part(lesson, PARTS[0]), re.MULTILINE):
        assert set(CODE.findall(line)) & shown, line


# --- the plans -----------------------------------------------------------------------------------


def test_the_plans_have_the_sums_of_their_lessons() -> None:
    text = TEACHING.read_text(encoding="utf-8")
    assert len(minutes.PLANNED.findall(text)) == 11 + len(LESSONS[FIRST_PART:])
    assert minutes.planned(text, LESSONS) == text, "run: python -m tools.minutes write"


def test_the_term_has_all_lessons_and_the_three_sessions_all_but_the_deeper_ones() -> None:
    """Of the first part. Those after it have a plan of their own."""
    text = TEACHING.read_text(encoding="utf-8")
    _, three, term, after = re.split(
        r"^\*\*(?:Three sessions|One term|After the echo programs)\*\*", text, flags=re.MULTILINE
    )
    first = LESSONS[:FIRST_PART]
    for plan, lessons in (
        (three, [each for each in first if not each.deeper]),
        (term, list(first)),
        (after, list(LESSONS[FIRST_PART:])),
    ):
        rows = [row[1].split(", ") for row in minutes.PLANNED.findall(plan)]
        assert [number for row in rows for number in row] == [each.number for each in lessons]


def test_a_plan_gets_new_sums() -> None:
    row = "| first | 00, 03 | 1 | 2 |\n"
    first, third = LESSONS[0], LESSONS[3]
    read, exercises = first.minutes + third.minutes, third.exercise_minutes
    assert minutes.planned(row, LESSONS) == f"| first | 00, 03 | {read} | {exercises} |\n"
