"""The web book in a browser: one lesson of it, its links, its questions.

The whole book, page by page: `test_browser_whole_book.py`.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import serious
from sites import Visitor, broken, built, served, visiting

from helpers.course import question_view as view
from helpers.course import questions
from helpers.course.lessons import LESSONS
from helpers.ladder.style import DARK, LIGHT

LESSON = next(each for each in LESSONS if questions.of_lesson(each.number).recall)
PAGE = LESSON.file.replace(".ipynb", ".html")
ASKED = questions.of_lesson(LESSON.number).predictions
FIRST = ASKED[0]
RIGHT = next(n for n, choice in enumerate(FIRST.choices) if choice.right)
WRONG = next(n for n, choice in enumerate(FIRST.choices) if not choice.right)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("book"), LESSON.number)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture
def visitor(browser: Any, address: str) -> Iterator[Visitor]:
    with visiting(browser, address) as made:
        made.visit(PAGE)
        yield made


def question(page: Any, name: str = FIRST.name) -> Any:
    return page.locator(f'[data-question="{name}"]')


def output(page: Any, cell: str = FIRST.cell) -> Any:
    """What the cell gave: it stands behind the cell's place."""
    return page.locator(f"p:has(> #cell-{cell}) + .cell > .cell_output")


def words(html: str) -> str:
    """What a reader sees of it, in any layout."""
    return re.sub(r"\W+", " ", re.sub(r"<[^>]+>", " ", html).replace("&#x27;", "'")).strip()


def verdict(page: Any, name: str = FIRST.name) -> str:
    return re.sub(r"\W+", " ", question(page, name).locator(".socket-verdict").inner_text()).strip()


def choose(page: Any, number: int, name: str = FIRST.name) -> None:
    question(page, name).locator("input").nth(number).check()


def test_no_link_of_the_book_is_broken(site: Path) -> None:
    assert broken(site) == []


@pytest.mark.parametrize("number", [RIGHT, WRONG])
def test_a_choice_is_answered_as_in_jupyterlab_and_the_output_is_uncovered(
    visitor: Visitor, number: int
) -> None:
    page = visitor.page
    assert not output(page).is_visible()
    assert verdict(page) == ""
    choose(page, number)
    assert verdict(page) == words(view.verdict_html(FIRST, number))
    assert output(page).is_visible()
    assert not output(page, ASKED[1].cell).is_visible()


def explanation(page: Any) -> Any:
    """The first words behind the cell of the first prediction."""
    return page.locator(
        f"p:has(> #cell-{FIRST.cell}) ~ p:not(:has(> .cell-link)):not(.socket-cover)"
    ).first


def test_the_text_behind_a_covered_output_is_covered_with_it(visitor: Visitor) -> None:
    page = visitor.page
    assert not explanation(page).is_visible()
    assert page.locator("section p:visible").count() > 3  # the text before it, and of other cells
    choose(page, WRONG)
    assert explanation(page).is_visible()
    page.get_by_role("button", name="Forget my choices").click()
    assert not explanation(page).is_visible()
    page.emulate_media(media="print")
    assert explanation(page).is_visible()


def test_a_choice_is_kept_and_can_be_forgotten(visitor: Visitor) -> None:
    page = visitor.page
    choose(page, WRONG)
    page.reload()
    assert verdict(page) == words(view.verdict_html(FIRST, WRONG))
    assert output(page).is_visible()
    visitor.visit("index.html")
    assert page.locator(".socket-map td").nth(2).inner_text() == f"1 of {len(ASKED)}"
    visitor.visit(PAGE)
    page.get_by_role("button", name="Forget my choices").click()
    assert verdict(page) == ""
    assert not output(page).is_visible()
    page.reload()
    assert question(page).locator("input:checked").count() == 0


WEEKLY = functools.partial(pytest.param, marks=pytest.mark.weekly)
EARLIER = json.dumps({FIRST.name: "a choice of an earlier edition"})


@pytest.mark.parametrize("text", [EARLIER, "{", *map(WEEKLY, ("[1]", "null", "7", "{}"))])
def test_what_else_is_kept_under_this_name_does_no_harm(visitor: Visitor, text: str) -> None:
    page = visitor.page
    page.evaluate("text => localStorage.setItem('socket-course choices', text)", text)
    page.reload()
    assert verdict(page) == ""
    choose(page, RIGHT)
    page.reload()
    assert verdict(page) == words(view.verdict_html(FIRST, RIGHT))


def test_a_question_of_the_recall_covers_nothing_and_gives_no_answer_away(
    visitor: Visitor,
) -> None:
    asked = questions.of_lesson(LESSON.number).recall[0]
    wrong = next(n for n, choice in enumerate(asked.choices) if not choice.right)
    choose(visitor.page, wrong, asked.name)
    assert verdict(visitor.page, asked.name) == words(view.verdict_html(asked, wrong, True))


def test_an_output_can_be_seen_without_a_choice(visitor: Visitor) -> None:
    output(visitor.page).locator("xpath=..").get_by_role("button", name="Show it").click()
    assert output(visitor.page).is_visible()
    assert verdict(visitor.page) == ""


def test_the_keyboard_moves_between_choices_and_chooses_with_space_or_enter(
    visitor: Visitor,
) -> None:
    page = visitor.page
    radios = question(page).locator("input")
    radios.first.focus()
    page.keyboard.press("ArrowUp")  # round, to the last
    assert radios.last.evaluate("radio => radio === document.activeElement")
    assert verdict(page) == ""
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert verdict(page) == words(view.verdict_html(FIRST, 0))
    page.keyboard.press("ArrowRight")
    assert verdict(page) == words(view.verdict_html(FIRST, 0))
    page.keyboard.press("Enter")
    assert verdict(page) == words(view.verdict_html(FIRST, 1))
    page.keyboard.press("Tab")
    assert not radios.nth(1).evaluate("radio => radio === document.activeElement")


def test_without_scripts_the_page_is_whole(browser: Any, address: str) -> None:
    with visiting(browser, address, java_script_enabled=False) as visitor:
        visitor.visit(PAGE)
        page = visitor.page
        assert output(page).is_visible()
        assert explanation(page).is_visible()
        assert question(page).get_by_text(view.WORDS["note"]).is_visible()
        answer = question(page).locator("details").nth(WRONG)
        assert not answer.locator("p").first.is_visible()
        answer.locator("summary").click()
        assert answer.get_by_text("Not this one.").is_visible()


@pytest.mark.parametrize(
    ("system", "chosen"),
    [
        ("light", "dark"),
        ("dark", "light"),
        WEEKLY("light", "light"),
        WEEKLY("dark", "dark"),
        WEEKLY("light", "auto"),
        WEEKLY("dark", "auto"),
    ],
)
def test_ladders_follow_the_button_of_the_page(
    browser: Any, address: str, system: str, chosen: str
) -> None:
    colours = DARK if (system if chosen == "auto" else chosen) == "dark" else LIGHT
    with visiting(browser, address, color_scheme=system) as visitor:
        visitor.page.add_init_script(f"localStorage.setItem('theme', '{chosen}')")
        visitor.visit(PAGE)
        fill = visitor.page.evaluate(
            """colours => {
                document.body.insertAdjacentHTML('beforeend',
                    '<svg class="socket-ladder"><rect class="card"/></svg><i id="as-hex"></i>');
                const hex = document.getElementById('as-hex');
                hex.style.color = colours.card;
                return [getComputedStyle(document.querySelector('.socket-ladder .card')).fill,
                    getComputedStyle(hex).color, getComputedStyle(document.body).backgroundColor];
            }""",
            colours,
        )
        assert fill[0] == fill[1] == fill[2]


def test_the_page_has_nothing_that_axe_finds_serious(visitor: Visitor) -> None:
    choose(visitor.page, WRONG)
    assert serious(visitor.page, "body") == []


# --- another language ---------------------------------------------------------------------------


def test_each_page_leads_to_itself_in_korean_and_back(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        for path in (PAGE, "search.html"):
            visitor.visit(path)
            page.get_by_role("link", name="한국어").click()
            assert page.url == f"{address}/ko/{path}"
            assert page.locator("html").get_attribute("lang") == "ko"
            assert serious(page, "body") == []
            page.get_by_role("link", name="English").click()
            assert page.url == f"{address}/{path}"
        visitor.visit("teaching.html")  # there is none in Korean
        page.get_by_role("link", name="한국어").click()
        assert page.url == f"{address}/ko/index.html"


@pytest.mark.parametrize("asked", ["소켓", "소켓을", "`bind()`에서"])
def test_a_search_finds_korean_words_whatever_stands_at_their_end(
    browser: Any, address: str, asked: str
) -> None:
    with visiting(browser, address) as visitor:
        visitor.visit(f"ko/search.html?q={asked}")
        found = visitor.page.locator(f'#search-results a[href^="{PAGE}"]').first
        found.wait_for()
        assert LESSON.number in found.inner_text()


def test_no_link_of_the_korean_book_is_broken(site: Path) -> None:
    assert broken(site / "ko") == []
