"""Questions by number keys: one prediction in three, and no key is taken from who writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lab import NOTEBOOK, failed, go_to, open_lesson, run, run_next, run_up_to, tagged
from pages import until

from helpers.course import progress_store
from helpers.course.lessons import LESSONS
from helpers.exercises import discovery

CARD = ".socket-question"
STATE = """() => {
    const { activeCell, mode } = window.jupyterapp.shell.currentWidget.content;
    return [activeCell.model.id, activeCell.model.type, mode];
}"""
IN_CELL = """([id, selector, text]) => {
    const { widgets } = window.jupyterapp.shell.currentWidget.content;
    const found = widgets.find(cell => cell.model.id === id).node.querySelector(selector);
    return found?.innerText.includes(text);
}"""
SOURCE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.source"
COLOUR = "each => getComputedStyle(each).color"


@pytest.fixture(autouse=True)
def _no_progress() -> Any:
    progress_store.forget()
    yield
    progress_store.forget()


@pytest.mark.parametrize(
    "key", ["Control+Enter", pytest.param("Shift+Enter", marks=pytest.mark.weekly)]
)
def test_one_prediction_is_three_keys(page: Any, key: str) -> None:
    open_lesson(page, "notebooks/06_recv.ipynb")
    run_up_to(page, "ask-recv-waits")
    run(page, key=key)
    card = page.locator(CARD, has_text="A client has connected and sent nothing.")
    card.wait_for()
    page.keyboard.press("2")
    card.get_by_text("You chose: It waits. Now run the next cell.").wait_for()
    assert page.evaluate(STATE) == ["recv-waits", "code", "command"]
    run_next(page)
    right = card.get_by_text("Right.")
    right.wait_for()
    assert "✓" in right.inner_text()
    assert progress_store.load().predictions == {"recv-before-a-send"}


def test_a_number_changes_the_choice_until_the_answer_is_there(page: Any) -> None:
    open_lesson(page, "notebooks/06_recv.ipynb")
    run_up_to(page, "ask-recv-waits")
    run(page)
    card = page.locator(CARD, has_text="A client has connected and sent nothing.")
    card.wait_for()
    for key, choice in (("9", None), ("1", "It returns b''."), ("2", "It waits.")):
        page.keyboard.press(key)
        if choice:
            card.get_by_text(f"You chose: {choice}").wait_for()
        assert page.evaluate(STATE)[1] == "code"  # no cell has become a heading
    card.get_by_role("radio").first.focus()
    page.keyboard.press("1")
    card.get_by_text("You chose: It returns b''.").wait_for()
    run_next(page)
    wrong = card.get_by_text("Not this one.")
    wrong.wait_for()
    assert "✗" in wrong.inner_text()
    assert wrong.evaluate(COLOUR) != card.evaluate(COLOUR)


def test_who_writes_a_number_writes_it(page: Any) -> None:
    open_lesson(page, "notebooks/06_recv.ipynb")
    run_up_to(page, "ask-recv-waits")
    run_next(page)
    card = page.locator(CARD, has_text="A client has connected and sent nothing.")
    card.wait_for()
    page.keyboard.press("Enter")  # into the cell
    until(page, "() => document.activeElement.closest('.cm-editor') !== null")
    page.keyboard.press("Control+End")
    page.keyboard.type("  # 2")
    until(page, f"() => ({SOURCE})().endsWith('  # 2')")
    assert card.get_by_role("radio", checked=True).count() == 0


@pytest.mark.weekly
def test_recall_is_a_number_and_enter_for_each(page: Any) -> None:
    open_lesson(page, "notebooks/06_recv.ipynb")
    run_up_to(page, "ask-recall")
    run(page)
    cards = page.locator(CARD)
    cards.nth(1).wait_for()
    for number in range(cards.count()):
        card = cards.nth(number)
        for key in range(1, card.get_by_role("radio").count() + 1):
            page.keyboard.press(str(key))
            card.locator(".socket-verdict:empty").wait_for(state="attached")  # of the last choice
            page.keyboard.press("Enter")
            card.get_by_text("Right.").or_(card.get_by_text("Not this one.")).first.wait_for()
            if card.get_by_text("Right.").count():
                break
        assert card.get_by_text("Right.").count() == 1
    assert page.evaluate(STATE)[:2] == ["ask-recall", "code"]


def in_cell(page: Any, cell: str, selector: str, text: str = "") -> None:
    """Wait until the cell shows something with this text."""
    until(page, IN_CELL, arg=[cell, selector, text])


@pytest.mark.weekly
def test_a_whole_lesson_is_done_with_the_keyboard_alone(page: Any) -> None:
    lesson = LESSONS[1]
    (exercise,) = lesson.exercises
    open_lesson(page, f"notebooks/{lesson.file}")
    go_to(page, "title")
    while (now := page.evaluate(STATE)[0]) != "seen":
        if now == f"exercise-{exercise.replace('_', '-')}":
            page.keyboard.press("Enter")
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(discovery.folders()[exercise].program("solution"))
        run_next(page)
        if now.startswith("ask-"):
            in_cell(page, now, CARD)
            page.keyboard.press("1")
            in_cell(page, now, ".socket-verdict", "You chose")
            assert page.evaluate(STATE) == [now.removeprefix("ask-"), "code", "command"]
        elif now.startswith("check-") and not now.endswith("-text"):
            in_cell(page, now, ".socket-check[data-outcome=correct]", "Next:")
    learned = progress_store.load()
    assert learned.predictions == set(lesson.predictions)
    assert learned.exercises == {exercise}
    notebook = json.loads(page.evaluate(NOTEBOOK))
    assert failed(notebook) == tagged(notebook)
