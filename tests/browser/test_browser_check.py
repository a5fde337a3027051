"""The report of a check in a real browser: the row of peers, the buttons, the keyboard, axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lab import (
    failed,
    in_theme,
    open_lesson,
    resize,
    restart,
    run_all,
    until_open,
    write_lesson,
)
from pages import serious, width_of

LOAD = "%load_ext helpers\nfrom helpers import exercises"
WRONG = """\
def read_exactly(sock, count):
    return sock.recv(count)

exercises.read_exactly.check(read_exactly)"""
RIGHT = """\
def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError("too early")
        data += piece
    return data

exercises.read_exactly.check(read_exactly)"""
CARD = ".socket-check"
FOCUSED = "() => document.activeElement.innerText"
CUT_OFF = """() => [...document.querySelectorAll('.socket-check, .socket-check *')].filter(each => {
    const scrolls = each.closest('pre, [role=region]');
    const card = each.closest('.jp-OutputArea-output').getBoundingClientRect();
    return !scrolls && each.className !== 'socket-said'
        && each.getBoundingClientRect().right > card.right + 1;
}).map(each => each.outerHTML.slice(0, 200))"""
"""What stands beyond the right edge, and does not scroll."""


@pytest.fixture
def checked(page: Any, course: Path) -> Any:
    """A page with a report of a failure, and below it one of a success."""
    open_lesson(page, write_lesson(course, "checked", LOAD, WRONG, RIGHT))
    assert failed(run_all(page)) == []
    page.locator(CARD).nth(1).wait_for()
    return page


def test_a_failure_has_a_row_of_peers_and_buttons_for_the_keyboard(checked: Any) -> None:
    card = checked.locator(CARD).first
    peers = card.get_by_role("list", name="The peers").get_by_role("listitem")
    assert [each.inner_text().strip()[0] for each in peers.all()] == list("✗·····")
    assert "Peer 2: " in peers.nth(1).text_content()
    assert peers.nth(1).text_content().endswith("has not come yet")
    hint = card.get_by_role("button", name="Hint (1 of 4)")
    hint.focus()
    for number in (2, 3, 4):
        checked.keyboard.press("Enter")
        card.get_by_role("button", name=f"Hint ({number} of 4)").wait_for()
        assert card.locator(".socket-hints li").count() == number - 1
    checked.keyboard.press("Enter")
    assert checked.evaluate(FOCUSED) == "No more hints"  # the focus is not lost
    checked.keyboard.press("Enter")
    assert card.locator(".socket-hints li").count() == 4
    calls = card.get_by_role("button", name="Show the calls")
    calls.press("Enter")
    assert width_of(card.get_by_role("img", name="Ladder. ")) > 600
    assert calls.get_attribute("aria-expanded") == "true"
    calls.press("Enter")
    assert card.get_by_role("img").count() == 0
    solution = card.get_by_role("button", name="Solution")
    solution.press("Enter")
    keyword = card.locator(".socket-code .k").first
    plain = card.locator(".socket-code").first
    colour = "each => getComputedStyle(each).color"
    assert keyword.evaluate(colour) != plain.evaluate(colour)


def test_a_success_is_green_and_says_what_is_next(checked: Any) -> None:
    card = checked.locator(CARD).nth(1)
    peers = card.get_by_role("list", name="The peers").get_by_role("listitem")
    assert [each.inner_text().strip()[0] for each in peers.all()] == list("✓✓✓✓✓✓")
    assert card.get_by_text("exercises of the course passed.").count() == 1
    assert card.get_by_text("Next:").count() == 1
    head = card.get_by_text("✓ read_exactly: correct")
    red, green, blue = (
        int(each) for each in head.evaluate("each => getComputedStyle(each).color")[4:-1].split(",")
    )
    assert green > red
    assert green > blue
    card.get_by_role("button", name="Solution").click()
    assert card.locator(".socket-code").count() == 2
    card.get_by_role("link", name="07 Text and lines").click()
    until_open(checked, "notebooks/07_text_and_lines.ipynb")


@pytest.mark.weekly
def test_a_report_whose_kernel_is_gone_still_has_its_hints(checked: Any) -> None:
    card = checked.locator(CARD).first
    card.get_by_role("button", name="Hint (1 of 4)").click()
    restart(checked)
    card.get_by_role("button", name="Hint (2 of 4)").click()
    assert card.locator(".socket-hints li").count() == 2
    card.get_by_role("button", name="Show the calls").click()
    card.get_by_role("img", name="Ladder. ").wait_for()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.weekly)])
def test_axe_finds_nothing_serious_in_a_report_and_nothing_is_cut_off(
    checked: Any, theme: str, tmp_path: Path
) -> None:
    in_theme(checked, theme)
    for card in checked.locator(CARD).all():
        for button in card.get_by_role("button").all():
            button.click()
    for width in (1280, 480):
        resize(checked, width, 2600)
        for number, name in enumerate(("failed", "passed")):
            shot = checked.locator(CARD).nth(number).screenshot()
            (tmp_path / f"{name}-{theme}-{width}.png").write_bytes(shot)
        assert serious(checked, CARD) == []
        assert checked.evaluate(CUT_OFF) == []
