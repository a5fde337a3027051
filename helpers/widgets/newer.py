"""Below the first cell that runs: the desk has put a newer lesson beside this one, or in its place.

It is a widget and nothing else: so no committed notebook has it, and no comparison sees it. What
the desk has told stands in its notes, `.desk/copies.json` beside the lesson (`desk/copies.py`).
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

from IPython.display import display

from helpers.widgets.page_card import PageCard
from helpers.widgets.showing import is_notebook, view_of

_seen: set[Path] = set()
"""The lessons of this kernel that were looked up: what is told is told once in each kernel."""


def show_below_the_first(file: Path) -> None:
    """Show what was told of this lesson, as long as the other file is there."""
    if file in _seen or not is_notebook():
        return
    _seen.add(file)
    if said := as_page(file):
        display(view_of(PageCard(value=said)), raw=True)  # type: ignore[no-untyped-call]


def as_page(file: Path) -> str:
    """The sentence as HTML, with a link to the other file; "" if there is nothing to tell."""
    try:
        notes = json.loads((file.parent / ".desk" / "copies.json").read_bytes())[file.name]
        news, other = str(notes["news"]), str(notes["other"])
        there = bool(news and other) and (file.parent / other).is_file()
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if not there or Path(other).name != other:
        return ""
    link = f'<a href="{quote(other)}">{escape(other)}</a>'
    return f"<p>{escape(news).replace(escape(other), link)}</p>"
