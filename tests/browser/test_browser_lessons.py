"""Each lesson in a real browser: JupyterLab, headless Chromium, Run All."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest
from lab import DARK, failed, in_theme, open_lesson, run_all, serious, tagged

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DAILY = {("06_recv", "light"), ("08_sendall", "dark")}
"""The lessons that axe-core looks at in `make test`; in `make weekly` at the others."""
ALL_RENDERED = """async () => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.notebookConfig = { ...content.notebookConfig, windowingMode: 'none' };
}"""
LADDER = ".jp-RenderedHTML img[src^='data:image/svg']"
SIDE_PANELS_AWAY = """() => {
    const { shell } = window.jupyterapp;
    shell.collapseLeft();
    shell.collapseRight();
}"""
TOO_WIDE = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
    .filter(each => each.scrollWidth > each.clientWidth + 1)
    .map(each => `${each.scrollWidth} in ${each.clientWidth}: ${each.outerHTML.slice(0, 400)}`)"""
"""Outputs that are wider than their cells. What is wider scrolls inside."""
TO_TOP = "() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0; }"


def assert_only_what_teaches_failed(notebook: dict[str, Any]) -> None:
    """What is an error on Linux need not be one elsewhere."""
    if sys.platform == "linux":
        assert failed(notebook) == tagged(notebook)
    else:
        assert set(failed(notebook)) <= set(tagged(notebook))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_run_all_in_jupyterlab_gives_no_error_but_those_that_teach(page: Any, lesson: Path) -> None:
    open_lesson(page, lesson.name)
    notebook = run_all(page)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in cells if not cell["execution_count"]] == []
    assert_only_what_teaches_failed(notebook)


def test_the_first_lesson_shows_the_arrow_and_the_ladder_in_both_themes(page: Any) -> None:
    open_lesson(page, "00_start_here.ipynb")
    run_all(page)
    for change in ("() => undefined", DARK):
        page.evaluate(change)
        page.evaluate(TO_TOP)
        page.wait_for_selector(".jp-RenderedHTMLCommon pre >> text=--->")
        ladder = page.wait_for_selector(LADDER)
        assert ladder.evaluate("image => image.complete && image.naturalWidth > 600")
        assert ladder.evaluate("image => image.clientWidth <= image.parentElement.clientWidth")
        assert page.locator(LADDER).count() == page.get_by_role("img", name="Ladder. ").count() > 0


def test_a_picture_is_there_before_anything_is_run_or_trusted(page: Any) -> None:
    open_lesson(page, "00_start_here.ipynb")
    ladder = page.locator(LADDER).first
    ladder.scroll_into_view_if_needed()
    assert ladder.get_attribute("alt").startswith("Ladder. Two lanes")
    assert ladder.evaluate("image => image.decode().then(() => image.naturalWidth)") == 780
    assert page.locator(".jp-RenderedHTML.jp-mod-trusted").count() == 0


@pytest.mark.parametrize("width", [480, pytest.param(900, marks=pytest.mark.weekly)])
def test_a_picture_scrolls_in_a_narrow_window_and_its_letters_stay(
    page: Any, width: int, tmp_path: Path
) -> None:
    open_lesson(page, "00_start_here.ipynb")
    run_all(page)
    page.evaluate(SIDE_PANELS_AWAY)
    page.set_viewport_size({"width": width, "height": 1000})
    ladder = page.locator(LADDER).first
    ladder.scroll_into_view_if_needed()
    assert ladder.evaluate("image => image.clientWidth === image.naturalWidth")
    assert page.evaluate(TOO_WIDE) == []
    page.get_by_text("As text").first.click()
    words = page.get_by_label("Ladder", exact=True).first
    words.wait_for()
    assert "accept()" in words.inner_text()
    assert page.evaluate(TOO_WIDE) == []
    shot = page.screenshot()
    (tmp_path / f"ladder-{width}.png").write_bytes(shot)


def test_a_lesson_run_all_twice_in_one_kernel_is_as_good_as_once(page: Any) -> None:
    open_lesson(page, "00_start_here.ipynb")
    run_all(page)
    notebook = run_all(page)
    assert_only_what_teaches_failed(notebook)


@pytest.mark.parametrize(
    ("lesson", "theme"),
    [
        pytest.param(name, theme, marks=[] if (name, theme) in DAILY else pytest.mark.weekly)
        for name, theme in itertools.product([path.stem for path in LESSONS], ["light", "dark"])
    ],
)
def test_axe_finds_nothing_serious_in_what_a_lesson_shows(
    page: Any, lesson: str, theme: str
) -> None:
    open_lesson(page, f"{lesson}.ipynb")
    page.evaluate(ALL_RENDERED)
    in_theme(page, theme)
    run_all(page)
    assert serious(page, ".jp-OutputArea-output") == []
