"""A teacher's note as a page of the book: what it names leads to its cell. Pure functions."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from nbformat import NotebookNode

_NAMED = re.compile(r"(?<!\[)`([a-z0-9-]+)`")


def with_cells(text: str, file: str, notebook: NotebookNode) -> str:
    """The note with links to the cells of its lesson, and to the cells that ask its questions.

    `file` is the lesson's: `06_recv.ipynb`. A name that is no cell and no question stays as it is.
    """
    places = {cell.id: cell.id for cell in notebook.cells}
    for cell in notebook.cells:
        if asked := re.fullmatch(r'predict\("([^"]+)"\)\s*', cell.source):
            places.setdefault(asked[1], cell.id)

    def link(found: re.Match[str]) -> str:
        if found[1] not in places:
            return found[0]
        target = f"{Path(file).stem}.html#cell-{places[found[1]]}"
        return f'<a href="{escape(target)}"><code>{escape(found[1])}</code></a>'

    return _NAMED.sub(link, text)
