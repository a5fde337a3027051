"""In which section of which lesson a cell stands: where to read again.

The lesson is read from the folder in which the kernel runs: there is the learner's copy. Where it
is not found, nothing is said.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from helpers.course import questions
from helpers.course.lessons import LESSONS
from helpers.course.questions import Question

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A heading of a lesson."""

    file: str
    title: str
    """As it stands in the cell, with its marks."""

    @property
    def link(self) -> str:
        """A link to it. JupyterLab gives each heading an id: its words, with `-` for spaces."""
        words = self.title.replace("`", "").replace("*", "")
        target = f"{quote(self.file)}#{quote(words.replace(' ', '-'))}"
        return f'<a href="{target}">{escape(words)}</a>'


def of_question(question: Question) -> Section | None:
    """Where the answer to a question is shown.

    A question of the recall stands in a later lesson. It names the cell that shows its answer, or
    has the name of the prediction there.
    """
    if question in questions.of_lesson(question.lesson).predictions:
        return _section(question.lesson, question.cell)
    earlier = [each for each in reversed(questions.lessons()) if each < question.lesson]
    for lesson in earlier:
        for prediction in questions.of_lesson(lesson).predictions:
            if prediction.name == question.name:
                return _section(lesson, prediction.cell)
    found = (_section(lesson, question.cell) for lesson in earlier)
    return next(filter(None, found), None)


def _section(number: str, cell: str) -> Section | None:
    file = next(each.file for each in LESSONS if each.number == number)
    return dict(_sections(file, Path.cwd())).get(cell)


@cache
def _sections(file: str, folder: Path) -> tuple[tuple[str, Section], ...]:
    """Each cell with the section that it stands in."""
    try:
        cells = json.loads((folder / file).read_bytes())["cells"]
        found, section = [], None
        for cell in cells:
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            if cell["cell_type"] == "markdown" and (heading := _HEADING.search(source)):
                section = Section(file, heading[1])
            if section and cell.get("id"):
                found.append((cell["id"], section))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(found)
