"""What docs/teaching.md says of the projector: one lesson alone, its cards live, larger letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import command, go_to, until_open
from pages import new_page, until

from helpers.desk.copies import Desk

BODIES = "() => parseFloat(getComputedStyle(document.querySelector('.jp-Cell .cm-line')).fontSize)"


@pytest.fixture
def projected(browser: Any, lab: str, course: Path) -> Iterator[Any]:
    """Lesson 06 at its own address, in a page of its own."""
    path = f"my_lessons/{Desk(course).find('recv').name}"
    page = new_page(browser, viewport={"width": 1280, "height": 800})
    try:
        page.goto(f"{lab}/doc/tree/{path}")
        until_open(page, path)
        yield page
        page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
    finally:
        page.context.close()


def test_a_lesson_alone_has_live_cards_and_presentation_mode_makes_it_larger(
    projected: Any,
) -> None:
    before = projected.evaluate(BODIES)
    projected.get_by_role("menuitem", name="View").click()
    projected.get_by_text("Appearance", exact=True).click()
    projected.get_by_text("Presentation Mode", exact=True).click()
    until(projected, f"size => ({BODIES})() > size", arg=before)
    go_to(projected, "recv-waits")
    command(projected, "notebook:run-all-above")
    projected.locator(".socket-question input[type=radio]").last.wait_for()
    projected.get_by_label("It waits.").check()
    go_to(projected, "recv-waits")  # the click has selected the cell of the question
    command(projected, "notebook:run-cell")
    projected.get_by_text("Nothing has come yet").wait_for()
