"""A test in a browser waits for what it has begun, and not for what was there before.

`lab.py` says why. What is forbidden here has made a test fail once in a while.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BROWSER = Path(__file__).resolve().parents[1] / "browser"
INSTEAD = {
    r"""press\(["']\w+\+Enter""": "run() or run_next() of lab.py",
    r"notebook:(run|restart)": "command() or run_all() of lab.py",
    r"wait_for_(function|selector)\(": "until() of pages.py, or a locator",
}


@pytest.mark.parametrize("found", INSTEAD)
def test_what_ends_too_early_is_not_waited_for(found: str) -> None:
    raw = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted(BROWSER.glob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(found, line) and "command(" not in line
    ]
    assert raw == [], f"use {INSTEAD[found]}"
