"""The messages of a lesson, and the lesson made of their translations.

Rules of this file:

- Only Markdown cells are translated. Code cells, ids, tags and the order are those of the English
  notebook, since they are copied.
- A message without a translation stands there in English, with a mark before it. Where nothing of
  a cell is translated, one mark at its beginning says so; where nothing of the lesson is, one mark
  in its title.
- The minutes of a lesson are no part of a message. They come from the English notebook.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

import nbformat
import polib
from nbformat import NotebookNode

from tools.translations import po
from tools.translations.blocks import Piece, pieces, render
from tools.translations.language import Language
from tools.translations.po import Message

_MINUTES = [
    re.compile(r"(?P<before>\*\*)(?P<minutes>\d+)(?= minutes to read and run)"),
    re.compile(r"(?P<before>minutes to read and run, )(?P<exercise_minutes>\d+)(?= for the exer)"),
    re.compile(r"(?P<before>^\| .* \| )(?P<minutes>\d+(?: \+ \d+)?)(?= \|$)"),
]
"""The minutes where a lesson says them (`tools/minutes.py`): below its title, and in the map."""
_MAP = "map"
"""The id of the cell with the map of the course. Other tables have numbers that are no minutes."""


def messages(notebook: NotebookNode) -> Iterator[Message]:
    """Each message of a lesson, in the order of reading."""
    section = ""
    for cell, parts in _texts(notebook):
        contexts = _Contexts(cell.id)
        for part in parts:
            if part.is_message:
                if part.lead.startswith("#"):
                    section = part.text
                english, _ = without_minutes(part.text, cell.id)
                comment = "a heading" if part.text == section else section
                yield Message(contexts.of(english), english, comment)


def made(lesson: Path, language: Language) -> NotebookNode:
    """The lesson of an English notebook in this language, with the English outputs."""
    missing = [each.name for each in language.lessons if not language.po(each).exists()]
    english = nbformat.read(lesson, as_version=4)
    return translate(english, po.read(language.po(lesson)), language, missing)


def translate(
    notebook: NotebookNode, file: polib.POFile, language: Language, missing: Collection[str] = ()
) -> NotebookNode:
    """The lesson in this language. Its outputs are those of the English one.

    `missing` are the files of the lessons that this language does not have: links to them lead to
    the English ones.
    """
    translated = copy.deepcopy(notebook)
    known = po.translations(file)
    for cell, parts in _texts(translated):
        marked = bool(known) or cell is translated.cells[0]
        source = _Cell(cell.id, parts, known, language.settings.untranslated).source(marked)
        for begin, instead in language.settings.links.items():
            source = source.replace(f"]({begin}", f"]({instead}")
        for name in missing:
            source = source.replace(f"]({name}", f"](../{language.english.name}/{name}")
        cell.source = source
    return translated


def without_minutes(text: str, cell: str) -> tuple[str, dict[str, str]]:
    """The text with a placeholder for each number of minutes, and these numbers."""
    values: dict[str, str] = {}
    for pattern in _MINUTES if cell == _MAP else _MINUTES[:2]:
        if found := pattern.search(text):
            ((name, number),) = ((k, v) for k, v in found.groupdict().items() if k != "before")
            values[f"{{{name}}}"] = number
            text = pattern.sub(rf"\g<before>{{{name}}}", text)
    return text, values


class _Contexts:
    """The context of each message in a cell: its id, with a number for a text that comes again."""

    def __init__(self, cell: str) -> None:
        self._cell = cell
        self._seen: Counter[str] = Counter()

    def of(self, english: str) -> str:
        self._seen[english] += 1
        count = self._seen[english]
        return self._cell if count == 1 else f"{self._cell}#{count}"


class _Cell:
    """One Markdown cell in another language."""

    def __init__(
        self,
        name: str,
        parts: list[Piece],
        known: dict[tuple[str, str], str],
        mark: str,
    ) -> None:
        self._parts = parts
        self._mark = mark
        contexts = _Contexts(name)
        self._found: list[str | None] = []
        """For each message its translation, if there is one."""
        for part in parts:
            if part.is_message:
                english, values = without_minutes(part.text, name)
                text = known.get((contexts.of(english), english))
                for placeholder, number in values.items():
                    text = text and text.replace(placeholder, number)
                self._found.append(text)

    def source(self, marked: bool) -> str:
        """The text. `marked`: with a mark before what is English."""
        whole_in_english = not any(self._found)
        left = list(self._found)

        def one(part: Piece) -> str:
            translation = left.pop(0)
            is_first = len(left) == len(self._found) - 1
            if translation or not marked or (whole_in_english and not is_first):
                return translation or part.text
            return self._marked(part)

        return render(self._parts, one)

    def _marked(self, part: Piece) -> str:
        """English with the mark. In a row of a table it stands in the first cell."""
        if part.is_drawing:
            return f"{self._mark.strip('*')}\n{part.text}"
        row = "| " if part.text.startswith("| ") else ""
        return f"{row}{self._mark} {part.text.removeprefix(row)}"


def _texts(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, list[Piece]]]:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell, pieces(cell.source)
