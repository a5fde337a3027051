"""Below the last cell of a lesson, in a live page: what was done in it, and what is next.

It is a widget and nothing else: so no committed notebook has it, and no comparison sees it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from IPython.display import display

from helpers.course import ending, progress_store
from helpers.widgets.page_card import PageCard
from helpers.widgets.showing import is_notebook, view_of


def show_below_the_last(file: Path, cell: str) -> None:
    """Show the line if this cell is the last code cell of a lesson of the course."""
    lesson = ending.lesson_in(file.name)
    if lesson is None or not is_notebook() or not cell or cell != _last_code_cell(file):
        return
    page = PageCard(value=ending.as_page(lesson, progress_store.load()))
    display(view_of(page), raw=True)  # type: ignore[no-untyped-call]


@cache
def _last_code_cell(file: Path) -> str:
    """Its id in the lesson as it was when the first cell of this kernel ended."""
    try:
        cells = json.loads(file.read_bytes())["cells"]
        ids = [
            str(cell.get("id", ""))
            for cell in cells
            if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return ids[-1] if ids else ""
