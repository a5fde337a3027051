"""A page in a browser, for the tests: look at it when it is drawn, and not while it changes.

- What is shown comes in pieces, later than what has begun it. So what a page shows is asserted with
  `expect`, which waits, and what is measured is measured when it is drawn.
- A wait must be for something that was not there before. A text that was ends it too early.
- With the variable SLOWER the browser computes so many times as slowly: 6 is a weak computer.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

DRAWN = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await document.fonts.ready;
    await frame(); // JupyterLab lays out what has changed in the one after the change
    await frame();
}"""
IS_STILL = """() => document.getAnimations().every(each => each.playState !== 'running'
    || each.effect.getComputedTiming().endTime === Infinity)"""
"""No transition is on its way: in the middle of it, a colour is of neither theme."""
LOOK = """arg => Promise.race([
    (%s)(arg),
    new Promise(no => setTimeout(no, 1000, false)), // what it asks may never be answered
])"""
PATIENCE = 60_000
"""Milliseconds that a page is given: generous, for a browser on busy cores may be slow."""


def new_page(browser: Any, **options: Any) -> Any:
    """A page in a context of its own, with time for a browser on busy cores."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    if slower := os.environ.get("SLOWER"):
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": float(slower)})
    return page


def until(page: Any, condition: str, arg: Any = None) -> None:
    """Wait until the condition holds: a function of JavaScript, which may be asynchronous.

    Playwright's `wait_for_function` takes a promise for true, and so it does not wait for it.
    """
    limit = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(LOOK % condition, arg):
        if time.monotonic() > limit:
            pytest.fail(f"this has not come to hold, with {arg!r}: {condition}")
        page.evaluate("() => new Promise(requestAnimationFrame)")  # the page goes on


def until_drawn(page: Any) -> None:
    """Wait until what has changed is laid out and stands still."""
    page.evaluate(DRAWN)
    until(page, IS_STILL)


def expect(part: Any) -> Any:
    """Playwright's assertions of a part of a page. They wait until they hold.

    What is shown may come in pieces: one that has come does not say that the next one has.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    playwright.expect.set_options(timeout=PATIENCE)
    return playwright.expect(part)


def width_of(picture: Any) -> int:
    """The width that an image has of itself, when it is there."""
    return int(picture.evaluate("image => image.decode().then(() => image.naturalWidth)"))


def shoot(page: Any, folder: Path, name: str) -> None:
    """A picture to look at: in the folder that the variable SHOTS names, or in the test's own."""
    place = Path(os.environ.get("SHOTS") or folder)
    (place / f"{name}.png").write_bytes(page.screenshot())


def serious(page: Any, where: str) -> list[str]:
    """What axe-core finds serious or critical there, when all of it is drawn."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    page.locator(where).first.wait_for()
    until_drawn(page)
    response = axe.Axe().run(page, context=where).response
    assert response["passes"]  # it has looked at something
    return [
        f"{each['id']}: {each['help']} {[node['html'][:300] for node in each['nodes']]}"
        for each in response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
