"""A committed notebook as a page of the book. Pure functions; nothing is executed.

- Each cell has a place that a link can lead to: `#cell-` and its id.
- A question stands as in JupyterLab's card, without the code that asks it: its answers are words
  of `question_view`. The cell that gives the answer has the tag `covered`, and the page covers its
  output.
- A ladder stands in the page itself, without colours of its own: those come from one style sheet,
  and follow the page's button for light and dark.
- Links lead to pages of the book (`links.py`).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from urllib.parse import unquote

import nbformat
from nbformat import NotebookNode

from helpers.course import question_view as view
from helpers.course import questions
from tools.book.links import Pages, in_html, in_markdown
from tools.book.settings import Repository, words

SVG, HTML = "image/svg+xml", "text/html"
COVERED = "covered"
_ASKED = re.compile(r'\s*(?P<how>predict|recall)\((?P<quote>["\'])(?P<what>[\w-]+)(?P=quote)\)\s*')
_HEADING = re.compile(r"#+ .*(?:\n|$)")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_IMAGE = re.compile(r'<img [^>]*src="data:image/svg\+xml;utf8,(?P<svg>[^"]*)"[^>]*>')
_NAME = re.compile(r'aria-label="([^"]*)"')


def page_of(
    notebook: NotebookNode, file: str, pages: Pages, repository: Repository, run: str
) -> NotebookNode:
    """The notebook that Sphinx reads. `run` is HTML that stands below the title."""
    made = copy.deepcopy(notebook)
    covered = {asked.cell for asked in asked_in(notebook)}
    made.cells = []
    for number, cell in enumerate(notebook.cells):
        cell = copy.deepcopy(cell)
        if cell.cell_type == "markdown":
            cell.source = in_markdown(cell.source, file, pages, repository)
            cell.source = _with_place(cell.source, cell.id, "" if number else run)
        else:
            made.cells.append(nbformat.v4.new_markdown_cell(_place(cell.id)))
        if cell.cell_type == "code":
            if cell.id in covered:
                cell.metadata.setdefault("tags", []).append(COVERED)
            html = asked_html(cell.source)
            if html:
                cell.metadata.setdefault("tags", []).append("remove-input")
            for output in cell.outputs:
                _show(output, html, lambda text: in_html(text, file, pages, repository))
        made.cells.append(cell)
    return made


def asked_in(notebook: NotebookNode) -> Iterator[questions.Question]:
    """The predictions of the notebook, in the order of its cells."""
    for cell in notebook.cells:
        found = _ASKED.fullmatch(cell.source)
        if cell.cell_type == "code" and found and found["how"] == "predict":
            yield questions.prediction(found["what"])


def asked_html(source: str) -> str:
    """What a cell with this source asks, as HTML; "" if it asks nothing."""
    found = _ASKED.fullmatch(source)
    if found is None:
        return ""
    if found["how"] == "predict":
        return view.as_html(questions.prediction(found["what"]), view.WORDS["predict"])
    asked = questions.recall(found["what"])
    return "".join(view.as_html(each, str(n), again=True) for n, each in enumerate(asked, 1))


def _show(output: NotebookNode, asked: str, linked: Callable[[str], str]) -> None:
    """Change an output to what the page shows of it."""
    data = output.get("data", {})
    if asked and HTML in data:
        data[HTML] = asked
    if SVG in data:
        data[HTML] = _figure(data.pop(SVG))
    if HTML in data:
        data[HTML] = linked(_IMAGE.sub(_drawn, data[HTML]))


def _figure(svg: str) -> str:
    """A ladder in the page. On a narrow screen it can be scrolled, with the keyboard too."""
    named = _NAME.search(svg)
    label = f'tabindex="0" role="region" aria-label="{named[1] if named else ""}"'
    return f'<div class="socket-wide" {label}>{_STYLE.sub("", svg)}</div>'


def _drawn(image: re.Match[str]) -> str:
    """A ladder that stands in HTML as an image (`view.picture_html`), in the page itself."""
    return _STYLE.sub("", unquote(unescape(image["svg"])))


def _place(cell: str) -> str:
    link = escape(words("book")["link"])
    return (
        f'<a class="cell-link" id="cell-{cell}" href="#cell-{cell}" '
        f'aria-label="{link}" title="{link}">#</a>'
    )


def _with_place(source: str, cell: str, below: str) -> str:
    """A text with its place: behind its heading, or before its first words."""
    heading = _HEADING.match(source)
    head = heading[0] if heading else ""
    rest = source[len(head) :]
    return "\n\n".join(part for part in (head.rstrip(), _place(cell), below, rest) if part)
