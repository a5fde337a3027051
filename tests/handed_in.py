"""Notebooks as learners hand them in."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook


def notebook(*cells: str, **by_id: str) -> NotebookNode:
    """A notebook with these cells, and with `read_exactly="..."` in the cell of that exercise."""
    made = new_notebook(cells=[new_code_cell(each) for each in cells])
    for name, source in by_id.items():
        cell = new_code_cell(source)
        cell.id = f"exercise-{name.replace('_', '-')}"
        made.cells.append(cell)
    return made


def content(*cells: str, **by_id: str) -> bytes:
    """The bytes of its file."""
    text: str = nbformat.writes(notebook(*cells, **by_id))
    return text.encode()
