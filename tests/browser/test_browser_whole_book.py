"""Every page of the web book in a browser: `make weekly`. Short form: `test_browser_book.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import expect, serious, until
from sites import Visitor, broken, built, served, visiting

from helpers.course import question_view as view
from helpers.course import questions
from helpers.course.lessons import LESSONS
from helpers.course.questions import Question

pytestmark = pytest.mark.weekly

PAINT = 0.5
"""Seconds until a page is drawn, at most, on loopback: the goal of the book. Best of five."""
WEIGHT = 400_000
"""Bytes of a page and of all that it loads, at most, not compressed: the goal of the book."""
FIRST_PAINT = """() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"""
WEIGHED = """() => performance.getEntriesByType('navigation')
    .concat(performance.getEntriesByType('resource'))
    .reduce((sum, each) => sum + each.transferSize, 0)"""
TOO_WIDE = """() => {
    const most = document.documentElement.clientWidth + 1;
    const hidden = (each) => {
        for (let e = each; e; e = e.parentElement) {
            const { overflowX, position } = getComputedStyle(e);
            if (overflowX !== 'visible' || position === 'fixed') return true;
        }
        return false;
    };
    return [...document.querySelectorAll('article *')]
        .filter(each => each.getBoundingClientRect().right > most && !hidden(each.parentElement))
        .map(each => each.outerHTML.slice(0, 200));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


def pages(site: Path) -> list[str]:
    """Those that are read: no page that only leads on, and not that of the search."""
    found = sorted(site.glob("*.html"))
    return [page.name for page in found if "http-equiv" not in page.read_text(encoding="utf-8")]


def test_no_link_of_the_whole_book_is_broken(site: Path) -> None:
    assert len(pages(site)) > len(LESSONS)
    assert broken(site) == []


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda each: each.number)
def test_every_question_is_answered_once_wrong_and_once_right(
    browser: Any, address: str, lesson: Any
) -> None:
    asked = questions.of_lesson(lesson.number)
    with visiting(browser, address) as visitor:
        visitor.visit(lesson.file.replace(".ipynb", ".html"))
        for question in asked.predictions:
            answer_all(visitor.page, question, again=False)
        for question in asked.recall:
            answer_all(visitor.page, question, again=True)
        shown = visitor.page.locator(".socket-asked").count()
        assert shown == len(asked.predictions) + len(asked.recall)
        assert visitor.page.locator(".socket-cover").count() == 0


def answer_all(page: Any, question: Question, again: bool) -> None:
    """Choose each choice with the keyboard alone, and read what is said."""
    card = page.locator(f'[data-question="{question.name}"]')
    card.locator("input").first.focus()
    for number in range(len(question.choices)):
        page.keyboard.press("Space")
        said = card.locator(".socket-verdict").inner_html()
        assert without_marks(said) == without_marks(view.verdict_html(question, number, again))
        page.keyboard.press("ArrowDown")


def without_marks(html: str) -> str:
    html = re.sub(r"<[^>]+>", "", html)
    for mark, sign in {"&#x27;": "'", "&quot;": '"'}.items():
        html = html.replace(mark, sign)
    return html


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(
    browser: Any, address: str, site: Path, theme: str
) -> None:
    found = {}
    with visiting(browser, address, color_scheme=theme) as visitor:
        for name in pages(site):
            visitor.visit(name)
            visitor.page.get_by_role("button", name="Show it").evaluate_all(
                "buttons => buttons.forEach(button => button.click())"
            )
            found[name] = serious(visitor.page, "body")
    assert {name: flaws for name, flaws in found.items() if flaws} == {}


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_every_page_fits_its_screen(browser: Any, address: str, site: Path, width: int) -> None:
    found = {}
    with visiting(browser, address, viewport={"width": width, "height": 900}) as visitor:
        for name in pages(site):
            visitor.visit(name)
            visitor.page.get_by_role("button", name="Show it").evaluate_all(
                "buttons => buttons.forEach(button => button.click())"
            )
            found[name] = visitor.page.evaluate(TOO_WIDE)
    assert {name: wide for name, wide in found.items() if wide} == {}


@pytest.mark.parametrize("page", ["index.html", LESSONS[0].file.replace(".ipynb", ".html")])
def test_the_first_page_is_light_and_is_drawn_soon(browser: Any, address: str, page: str) -> None:
    paints = []
    for _ in range(5):
        with visiting(browser, address) as visitor:
            visitor.visit(page)
            until(visitor.page, f"() => ({FIRST_PAINT})() !== undefined")
            paints.append(visitor.page.evaluate(FIRST_PAINT) / 1000)
            assert visitor.page.evaluate(WEIGHED) < WEIGHT
    assert min(paints) < PAINT


def test_the_search_finds_a_lesson(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.visit("search.html?q=half-close")
        found = visitor.page.locator("#search-results a[href*='close']").first
        found.wait_for()
        found.click()
        expect(visitor.page).to_have_title(re.compile(r"close\(\)"))


@pytest.mark.parametrize(("old", "new"), [("05_recv", "06_recv"), ("07_close", "10_close")])
def test_an_old_address_leads_to_its_lesson(browser: Any, address: str, old: str, new: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.visit(f"{old}.html#cell-title")
        visitor.page.wait_for_url(f"**/{new}.html#cell-title")


def test_a_visitor_goes_from_lesson_to_lesson(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.visit("index.html")
        for lesson in LESSONS:
            visitor.page.locator("a.next-page").click()
            expect(visitor.page.locator("h1")).to_have_text(re.compile(rf"^\s*{lesson.number} "))


def test_the_whole_of_a_lesson_is_reached_with_tab(browser: Any, address: str) -> None:
    """Nothing on the way holds the keyboard back, and each card is reached."""
    with visiting(browser, address) as visitor:
        visitor.visit(LESSONS[1].file.replace(".ipynb", ".html"))
        cards = reached_by_tab(visitor)
        assert cards == {each.name for each in questions.of_lesson(LESSONS[1].number).predictions}


def reached_by_tab(visitor: Visitor) -> set[str]:
    focused = """() => {
        const at = document.activeElement;
        return at === document.body ? null
            : at.closest('[data-question]')?.dataset.question ?? '';
    }"""
    found = set()
    for _ in range(1000):
        visitor.page.keyboard.press("Tab")
        card = visitor.page.evaluate(focused)
        if card is None:
            return found - {""}
        found.add(card)
    raise AssertionError("the keyboard does not come to the end of the page")
