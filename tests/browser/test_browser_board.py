"""The class board in a browser: the teacher's page, the wall, and a learner in JupyterLab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from boards import RunningBoard
from lab import open_lesson, run_all, write_lesson
from pages import expect, serious, until_drawn
from sites import Visitor, visiting

from helpers.course import questions
from helpers.course.progress_store import FOLDER_VARIABLE

LESSON = questions.lessons()[0]
QUESTION = questions.of_lesson(LESSON).predictions[0]

SCHEMES = ("light", "dark")

WIDTHS = (360, 800, 1400)

OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[RunningBoard]:
    made = RunningBoard(tmp_path / "board")
    yield made
    made.kill()


@pytest.fixture
def teacher(browser: Any, board: RunningBoard) -> Iterator[Visitor]:
    with visiting(browser, board.address) as made:
        made.visit(f"teacher#{board.key}")
        made.page.get_by_text(board.code).wait_for()
        yield made


@pytest.fixture
def learner_leaves() -> Iterator[None]:
    """The kernel's data folder is that of the tests: whoever joined there leaves."""
    yield
    for name in ("class.json", "to-the-board.sqlite"):
        Path(os.environ[FOLDER_VARIABLE], name).unlink(missing_ok=True)


def open_round(teacher: Visitor) -> None:
    teacher.page.get_by_label("Lesson").select_option(LESSON)
    teacher.page.get_by_label("Question", exact=True).last.select_option(QUESTION.name)
    teacher.page.get_by_role("button", name="Open a round").click()
    teacher.page.get_by_text("0 votes. Vote now.").wait_for()  # what comes next is for this round


@pytest.mark.usefixtures("learner_leaves")
def test_a_vote_in_a_lesson_is_on_the_wall_when_the_teacher_shows_it(
    page: Any, course: Path, browser: Any, board: RunningBoard, teacher: Visitor
) -> None:
    joins = f'classroom.join("{board.address}", code="{board.code}", name="<b>Kim</b>")'
    in_class = write_lesson(
        course,
        "in_class",
        f"%load_ext helpers\nfrom helpers import classroom, exercises, predict\n{joins}",
        "exercises.read_exactly.check(lambda sock, n: sock.recv(n))",
        f"predict({QUESTION.name!r})",
    )
    open_round(teacher)
    with visiting(browser, board.address) as wall:
        wall.visit("wall")
        wall.page.get_by_text("0 votes. Vote now.").wait_for()
        open_lesson(page, in_class)
        run_all(page)
        wall.page.get_by_text("one recv() is taken for all n bytes: 1").wait_for()
        page.locator(".socket-question input[type=radio]").nth(1).check()
        wall.page.get_by_text("1 vote. Vote now.").wait_for()
        assert "Kim" not in wall.page.content()
        assert wall.page.locator(".bar").count() == 0
        teacher.page.get_by_role("rowheader", name="<b>Kim</b>").wait_for()
        teacher.page.get_by_text("Only you see the votes now.").wait_for()
        teacher.page.get_by_role("img", name="Round 1: 1 of 1 vote").wait_for()
        assert wall.page.locator(".bar").count() == 0
        teacher.page.get_by_role("button", name="Show the votes").click()
        wall.page.get_by_role("img", name="Round 1: 1 of 1 vote").wait_for()
        teacher.page.get_by_text("Only you see the votes now.").wait_for(state="detached")
        expect(wall.page.locator(".choice.right .count")).to_contain_text(", right")


def test_the_pages_go_on_when_the_board_comes_back(browser: Any, board: RunningBoard) -> None:
    with visiting(browser, board.address) as wall:
        wall.visit("wall")
        wall.page.get_by_text("0 learners").wait_for()
        board.kill()
        wall.page.get_by_text("The board does not answer.").wait_for()
        board.start()
        wall.page.get_by_text("The board does not answer.").wait_for(state="detached")
        wall.complaints.clear()  # the browser tells of each try


def test_the_keyboard_alone_is_enough_for_the_teacher(teacher: Visitor) -> None:
    page = teacher.page
    page.get_by_label("Lesson").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("0 votes. Vote now.").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_text("Vote now.").wait_for(state="detached")


def test_without_the_key_the_page_shows_nothing(browser: Any, board: RunningBoard) -> None:
    with visiting(browser, board.address) as visitor:
        visitor.visit("teacher")
        visitor.page.get_by_text("the key is wrong or missing").wait_for()
        assert board.code not in visitor.page.content()
        visitor.complaints.clear()  # the browser tells of each answer that is a no


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
    browser: Any, board: RunningBoard, teacher: Visitor, scheme: str
) -> None:
    open_round(teacher)
    teacher.page.get_by_role("button", name="Show the votes").click()
    with visiting(browser, board.address, color_scheme=scheme) as visitor:
        for place, ready in (("wall", ".bar"), (f"teacher#{board.key}", ".bar")):
            visitor.visit(place)
            visitor.page.locator(ready).first.wait_for()
            assert serious(visitor.page, "body") == []
            for width in WIDTHS:
                visitor.page.set_viewport_size({"width": width, "height": 800})
                until_drawn(visitor.page)
                assert not visitor.page.evaluate(OVERFLOWS)
