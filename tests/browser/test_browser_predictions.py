"""Predictions and progress in a real JupyterLab: the keyboard alone, a restart, axe-core, 480 px.

The questions are those of lesson 06, and the map that of lesson 00. Nothing here waits for a time:
each step waits for what the page then shows.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import (
    ACTIVE,
    AT_REST,
    go_to,
    in_theme,
    open_lesson,
    resize,
    restart,
    run,
    run_next,
    run_up_to,
)
from pages import serious, shoot, until

from helpers.course import progress_store, questions

LESSON, MAP = "notebooks/06_recv.ipynb", "notebooks/00_start_here.ipynb"
ONE_DONE = f"1 of {len(questions.of_lesson('06').predictions)}"
CARD = ".socket-question"
MAP_TABLE = ".socket-page .socket-map"
TAB_LIMIT = 12
FOCUSED = "() => document.activeElement.type"
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
PROCESS = """async () => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const user_expressions = { pid: '__import__("os").getpid()' };
    const asked = kernel.requestExecute({ code: '', user_expressions });
    return (await asked.done).content.user_expressions.pid.data['text/plain'];
}"""
TOO_WIDE = """selector => [...document.querySelectorAll(selector)].flatMap(each => {
    const area = each.closest('.jp-OutputArea-output');
    return [each, area].filter(box => box.scrollWidth > box.clientWidth + 1)
        .map(box => `${box.className}: ${box.scrollWidth} in ${box.clientWidth}`);
})"""


@pytest.fixture(autouse=True)
def _no_progress() -> Iterator[None]:
    assert os.environ[progress_store.FOLDER_VARIABLE]
    progress_store.forget()
    yield
    progress_store.forget()


def to_the_choices(page: Any) -> None:
    """Press Tab until the focus is on a choice."""
    for _ in range(TAB_LIMIT):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == "radio":
            return
    pytest.fail(f"no choice reached with {TAB_LIMIT} tabs")


def card_of(page: Any, cell: str) -> Any:
    """The card below a cell that is in view."""
    question = page.locator(CARD, has_text=cell)
    question.wait_for()
    return question


def predict_with_the_keyboard(page: Any) -> Any:
    """Answer the first prediction of the lesson with its second choice. Returns its card."""
    run_up_to(page, "ask-recv-waits")
    run(page)
    card = card_of(page, "A client has connected and sent nothing.")
    to_the_choices(page)
    page.keyboard.press("ArrowDown")
    card.get_by_text("You chose: It waits. Now run the next cell.").wait_for()
    return card


def test_a_prediction_is_made_and_answered_with_the_keyboard_alone(page: Any) -> None:
    open_lesson(page, LESSON)
    card = predict_with_the_keyboard(page)
    assert card.get_by_role("radio", name="It waits.").is_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(ACTIVE) == "recv-waits"
    run_next(page)
    verdict = card.get_by_role("status")
    verdict.get_by_text("Right.").wait_for()
    assert "recv() blocks until something comes" in verdict.inner_text()
    assert progress_store.load().predictions == {"recv-before-a-send"}
    assert card.get_by_role("radio", name="It waits.").is_disabled()
    assert card.get_by_role("group").count() == 1


def test_a_wrong_choice_is_answered_and_the_button_works_with_the_keyboard(page: Any) -> None:
    open_lesson(page, LESSON)
    run_up_to(page, "ask-recv-waits")
    run(page)
    card = card_of(page, "A client has connected and sent nothing.")
    to_the_choices(page)
    page.keyboard.press("Enter")  # the first choice
    card.get_by_text("You chose: It returns b''.").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button
    card.get_by_text("Not this one.").wait_for()
    assert "What is right" in card.inner_text()
    # The button has gone. The focus is on the verdict and not lost.
    assert page.evaluate("() => document.activeElement.getAttribute('role')") == "status"


def test_recall_is_answered_at_once_and_may_be_tried_again(page: Any) -> None:
    open_lesson(page, LESSON)
    run_up_to(page, "ask-recall")
    run(page)
    card = card_of(page, "returns two things")
    card.get_by_role("button", name="Check my answer").click()
    card.get_by_text("Choose one first.").wait_for()
    for choice, verdict in [
        ("The listener", "Not this one."),
        ("A new socket, and the c", "Right."),
    ]:
        card.get_by_role("radio", name=choice).check()
        card.get_by_role("button", name="Check my answer").click()
        card.get_by_text(verdict).wait_for()
    assert progress_store.load() == progress_store.Learned()


def test_progress_survives_a_restart_of_the_kernel(page: Any) -> None:
    open_lesson(page, LESSON)
    card = predict_with_the_keyboard(page)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    run_next(page)
    card.get_by_text("Right.").wait_for()
    restart(page)
    open_lesson(page, MAP, beside=True)  # to close it would cut off what the kernel is asked
    run(page, "load")
    run(page, "progress")
    row = page.get_by_role("row", name="06 recv(): read the stream")
    row.get_by_text(ONE_DONE).wait_for()
    restart(page)
    page.evaluate(CLEAR)
    row.get_by_text(ONE_DONE).wait_for(state="detached")
    run(page, "load")
    run(page, "progress")
    row.get_by_text(ONE_DONE).wait_for()
    assert row.get_by_role("progressbar", name="Lesson 06, predictions").count() == 1


def test_a_card_of_a_kernel_that_was_restarted_says_what_to_do(page: Any) -> None:
    open_lesson(page, LESSON)
    run_up_to(page, "ask-recv-waits")
    run(page)
    card = card_of(page, "A client has connected and sent nothing.")
    restart(page)
    card.get_by_text("The kernel was restarted.").wait_for()  # and nobody has pressed anything
    card.get_by_text("Run All Above Selected Cell").wait_for()
    assert card.get_by_role("radio", name="It waits.").is_disabled()


@pytest.mark.weekly
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP there")
def test_a_card_whose_kernel_does_not_answer_says_so_and_takes_a_late_answer(page: Any) -> None:
    open_lesson(page, LESSON)
    run_up_to(page, "ask-recv-waits")
    run(page)
    card = card_of(page, "A client has connected and sent nothing.")
    until(page, AT_REST)
    kernel = int(page.evaluate(PROCESS))
    os.kill(kernel, signal.SIGSTOP)
    try:
        card.get_by_role("radio", name="It waits.").check()
        card.get_by_text("If the kernel was restarted, run this cell again.").wait_for()
    finally:
        os.kill(kernel, signal.SIGCONT)
    card.get_by_text("You chose: It waits.").wait_for()


def answered(page: Any) -> None:
    """Lesson 06 up to its second prediction, the first one answered."""
    open_lesson(page, LESSON)
    card = predict_with_the_keyboard(page)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    run_next(page)
    card.get_by_text("Right.").wait_for()
    go_to(page, "ask-recv-waits")


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.weekly)])
def test_axe_finds_nothing_serious_in_a_card_and_nothing_overflows_at_480_px(
    page: Any, theme: str, tmp_path: Path
) -> None:
    answered(page)
    in_theme(page, theme)
    assert serious(page, CARD) == []
    resize(page, 480, 900)
    for cell in ("ask-recall", "ask-recv-waits"):
        go_to(page, cell)
        page.locator(CARD).first.wait_for()
        assert page.evaluate(TOO_WIDE, CARD) == []
        shoot(page, tmp_path, f"predictions-{theme}-{cell}")


@pytest.mark.parametrize("theme", ["dark", pytest.param("light", marks=pytest.mark.weekly)])
def test_axe_finds_nothing_serious_in_the_map_and_nothing_overflows_at_480_px(
    page: Any, theme: str, tmp_path: Path
) -> None:
    open_lesson(page, MAP)
    in_theme(page, theme)
    resize(page, 480, 900)
    run(page, "load")
    run(page, "progress")
    shoot(page, tmp_path, f"predictions-{theme}-map")
    assert serious(page, MAP_TABLE) == []
    assert page.evaluate(TOO_WIDE, MAP_TABLE) == []


def test_axe_finds_nothing_serious_in_a_question_that_has_not_run(page: Any) -> None:
    open_lesson(page, LESSON)
    go_to(page, "ask-recv-waits")
    page.locator(".jp-RenderedHTML details").first.wait_for()
    assert serious(page, ".jp-RenderedHTML") == []
