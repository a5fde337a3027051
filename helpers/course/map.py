"""The map of the course: without a live page as text and HTML, in a live page with bars.

Rules of this file:

- `as_text` and `as_html` are the same for every learner: what the lessons are, and how much there
  is to do in them. Only `as_page` knows what somebody has done.
- The links of `as_page` need `page.js`: a widget's links would lead the whole page away from
  JupyterLab.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from helpers.course.bar import bar_html
from helpers.course.lessons import Lesson
from helpers.course.progress_store import Learned
from helpers.course.saying import MAP
from helpers.text import columns, pad

_HEADS = ("lesson", "minutes", "predictions", "exercises")
"""The columns, by the keys of their heads."""


def as_text(lessons: Sequence[Lesson]) -> str:
    """A table in plain text."""
    rows = [_heads()] + [
        (
            _marked(each, name(each)),
            each.minutes_text,
            str(len(each.predictions)),
            str(len(each.exercises)),
        )
        for each in lessons
    ]
    widths = [max(columns(row[place]) for row in rows) for place in range(len(_HEADS))]
    return "\n".join(
        "  ".join(pad(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_html(lessons: Sequence[Lesson]) -> str:
    """A table with a link to each lesson."""
    return _table(
        (
            _marked(each, f'<a href="{each.file}">{escape(name(each))}</a>'),
            each.minutes_text,
            str(len(each.predictions)),
            str(len(each.exercises)),
        )
        for each in lessons
    )


def as_page(lessons: Sequence[Lesson], learned: Learned, folder: str) -> str:
    """A table with bars for what was done, and below it where that is kept."""
    table = _table(
        (
            _marked(each, f'<a href="{each.file}">{escape(name(each))}</a>'),
            each.minutes_text,
            _bar(each, "predictions", each.predictions, learned.predictions),
            _bar(each, "exercises", each.exercises, learned.exercises),
        )
        for each in lessons
    )
    below = escape(learned.problem) or MAP("kept", folder=escape(folder))
    return f'{table}<p style="overflow-wrap: anywhere">{below}</p>'


def name(lesson: Lesson) -> str:
    """Number and title, as in the notebook's heading."""
    return MAP("name", number=lesson.number, title=lesson.said_title)


def _marked(lesson: Lesson, name: str) -> str:
    """Its name, and that it may be left out."""
    return MAP("deeper", name=name) if lesson.deeper else name


def _heads() -> tuple[str, ...]:
    return tuple(MAP[key] for key in _HEADS)


def _bar(lesson: Lesson, what: str, names: Sequence[str], done: frozenset[str]) -> str:
    if not names:
        return MAP["none"]
    label = MAP(f"bar {what}", number=lesson.number)
    return bar_html(len(done & set(names)), len(names), label)


def _table(rows: Iterable[Sequence[str]]) -> str:
    cell = 'style="text-align: left; padding: 2px 0.6em 2px 0"'
    head = "".join(f'<th scope="col" {cell}>{text}</th>' for text in _heads())
    body = "".join(
        "<tr>" + "".join(f"<td {cell}>{text}</td>" for text in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="socket-map" style="overflow-x: auto">{table}</div>'
