"""A teacher's note in the book: the names of cells and questions lead to them."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.course.lessons import LESSONS
from tools.book.gather import book, files
from tools.book.teaching import with_cells
from tools.minutes import read

NOTEBOOK = new_notebook(
    cells=[
        new_markdown_cell("text", id="waits"),
        new_code_cell('predict("a-question")', id="ask-recv-waits"),
        new_code_cell("conn.recv(5)", id="recv-waits"),
    ]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`recv-waits`.", '<a href="06_recv.html#cell-recv-waits"><code>recv-waits</code></a>.'),
        ("`a-question`", '<a href="06_recv.html#cell-ask-recv-waits"><code>a-question</code></a>'),
        ("`recv()`, `a-question-of-05`, a-question", "`recv()`, `a-question-of-05`, a-question"),
        ("[`waits`](x.md)", "[`waits`](x.md)"),
    ],
)  # fmt: skip
def test_a_name_leads_to_its_cell(text: str, shown: str) -> None:
    assert with_cells(text, "06_recv.ipynb", NOTEBOOK) == shown


def test_each_note_leads_to_cells_of_its_lesson() -> None:
    pages = dict(files(book()))
    for lesson in LESSONS:
        page = pages[f"teaching-{lesson.file.replace('.ipynb', '.md')}"]
        there = {cell.id for cell in read(lesson).cells}
        named = re.findall(rf'href="{lesson.file[:-6]}\.html#cell-([^"]+)"', page)
        assert len(named) > 5
        assert set(named) <= there
