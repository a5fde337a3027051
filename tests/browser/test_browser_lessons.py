"""Each lesson in a real browser: JupyterLab, headless Chromium, Run All."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest
from lab import failed, in_theme, open_lesson, render_all, resize, run_all, tagged
from pages import expect, serious, shoot, until_drawn, width_of

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TRANSLATED = sorted((path.parent.name, path.name) for path in ROOT.glob("notebooks_*/*.ipynb"))
FIRST = "notebooks/00_start_here.ipynb"
DAILY = {("06_recv", "light"), ("08_sendall", "dark"), ("12_the_echo_programs", "light")}
"""In `make test`: they have all that a lesson shows. The first lesson has tests of its own, and
without a page each cell of each lesson runs there too. In `make weekly`: all, in both themes."""
assert {name for name, _ in DAILY} <= {path.stem for path in LESSONS}
OUTPUT = ".jp-OutputArea-output"
LADDER = ".jp-RenderedHTML img[src^='data:image/svg']"
TOO_WIDE = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.scrollWidth} in ${each.clientWidth}: ${each.outerHTML.slice(0, 400)}`)"""
"""Outputs that are wider than their cells. What is wider scrolls inside."""


def assert_only_what_teaches_failed(notebook: dict[str, Any]) -> None:
    """What is an error on Linux need not be one elsewhere."""
    if sys.platform == "linux":
        assert failed(notebook) == tagged(notebook)
    else:
        assert set(failed(notebook)) <= set(tagged(notebook))


@pytest.mark.parametrize(
    ("lesson", "theme"),
    [
        pytest.param(name, theme, marks=[] if (name, theme) in DAILY else pytest.mark.weekly)
        for name, theme in itertools.product([path.stem for path in LESSONS], ["light", "dark"])
    ],
)
def test_run_all_gives_no_error_but_those_that_teach_and_axe_finds_nothing_serious(
    page: Any, lesson: str, theme: str
) -> None:
    open_lesson(page, f"notebooks/{lesson}.ipynb")
    in_theme(page, theme)
    render_all(page)
    assert_only_what_teaches_failed(run_all(page))
    assert serious(page, OUTPUT) == []


@pytest.mark.weekly
@pytest.mark.parametrize("lesson", TRANSLATED, ids="/".join)
def test_a_lesson_in_another_language_runs_and_fits_a_narrow_window_in_both_themes(
    page: Any, lesson: tuple[str, str]
) -> None:
    open_lesson(page, "/".join(lesson))
    for theme, width in (("light", 1280), ("dark", 480)):
        resize(page, width, 1000)
        in_theme(page, theme)
        render_all(page)
        assert_only_what_teaches_failed(run_all(page))
        assert serious(page, OUTPUT) == []
        assert page.evaluate(TOO_WIDE) == []


def test_a_line_of_korean_breaks_between_words(page: Any) -> None:
    open_lesson(page, "/".join(TRANSLATED[0]))
    text = page.locator(".jp-RenderedMarkdown").first
    assert text.evaluate("text => getComputedStyle(text).wordBreak") == "keep-all"


def test_the_first_lesson_shows_the_arrow_and_the_ladder_in_both_themes_and_run_twice(
    page: Any,
) -> None:
    open_lesson(page, FIRST)
    render_all(page)
    for theme in ("light", "dark"):
        in_theme(page, theme)
        assert_only_what_teaches_failed(run_all(page))  # the second time in the same kernel
        page.locator(".jp-RenderedHTMLCommon pre", has_text="--->").first.wait_for()
        ladder = page.locator(LADDER).first
        assert width_of(ladder) > 600
        assert ladder.evaluate("image => image.clientWidth <= image.parentElement.clientWidth")
        assert page.locator(LADDER).count() == page.get_by_role("img", name="Ladder. ").count() > 0


def test_a_picture_is_there_before_anything_is_run_or_trusted(page: Any) -> None:
    open_lesson(page, FIRST)
    ladder = page.locator(LADDER).first
    ladder.scroll_into_view_if_needed()
    assert ladder.get_attribute("alt").startswith("Ladder. Two lanes")
    assert width_of(ladder) == 780
    assert page.locator(".jp-RenderedHTML.jp-mod-trusted").count() == 0


@pytest.mark.parametrize("width", [480, pytest.param(900, marks=pytest.mark.weekly)])
def test_a_picture_scrolls_in_a_narrow_window_and_its_letters_stay(
    page: Any, width: int, tmp_path: Path
) -> None:
    open_lesson(page, FIRST)
    run_all(page)
    resize(page, width, 1000)
    ladder = page.locator(LADDER).first
    ladder.scroll_into_view_if_needed()
    assert ladder.evaluate("image => image.clientWidth") == width_of(ladder)
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_text("As text").first.click()
    words = page.get_by_label("Ladder", exact=True).first
    expect(words).to_contain_text("accept()")
    until_drawn(page)
    assert page.evaluate(TOO_WIDE) == []
    shoot(page, tmp_path, f"ladder-{width}")
