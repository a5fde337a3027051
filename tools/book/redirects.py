"""Old names of pages lead to the new ones, so that a link to the first edition still works."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

MOVED = {
    "04_accept": "05_accept",
    "05_recv": "06_recv",
    "06_sendall": "08_sendall",
    "07_close": "10_close",
    "08_the_echo_programs": "12_the_echo_programs",
    "teachers": "teaching",
}
"""The lessons of the first edition that have another number now, and a page with another name."""


def redirect(target: str) -> str:
    """A page that leads to another one, and takes along the place in it (`#cell-...`)."""
    to = escape(target)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
        f'<link rel="canonical" href="{to}">'
        f'<script>location.replace("{to}" + location.hash)</script>'
        f'<meta http-equiv="refresh" content="1; url={to}"></head>'
        f'<body><p>This page has moved: <a href="{to}">{to}</a>.</p></body></html>\n'
    )


def write(site: Path, pages: set[str], moved: Mapping[str, str] = MOVED) -> list[str]:
    """Write the pages that lead on, where the old page is gone and the new one is there."""
    written = [old for old, new in moved.items() if new in pages and old not in pages]
    for old in written:
        (site / f"{old}.html").write_text(redirect(f"{moved[old]}.html"), encoding="utf-8")
    return written
