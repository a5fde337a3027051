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
from helpers.text import pad

HEADS = ("lesson", "minutes", "predictions", "exercises")


def as_text(lessons: Sequence[Lesson]) -> str:
    """A table in plain text."""
    rows = [HEADS] + [
        (
            name(each) + _mark(each),
            each.minutes_text,
            str(len(each.predictions)),
            str(len(each.exercises)),
        )
        for each in lessons
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join(
        "  ".join(pad(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_html(lessons: Sequence[Lesson]) -> str:
    """A table with a link to each lesson."""
    return _table(
        (
            f'<a href="{each.file}">{escape(name(each))}</a>{_mark(each)}',
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
            f'<a href="{each.file}">{escape(name(each))}</a>{_mark(each)}',
            each.minutes_text,
            _bar(each, "predictions", each.predictions, learned.predictions),
            _bar(each, "exercises", each.exercises, learned.exercises),
        )
        for each in lessons
    )
    below = escape(learned.problem) or (
        f"Kept in <code>{escape(folder)}</code>, and nowhere else. "
        "<code>progress(forget=True)</code> deletes it."
    )
    return f'{table}<p style="overflow-wrap: anywhere">{below}</p>'


def name(lesson: Lesson) -> str:
    """Number and title, as in the notebook's heading."""
    return f"{lesson.number} {lesson.title}"


def _mark(lesson: Lesson) -> str:
    """What stands after the name of a lesson that may be left out."""
    return " (deeper)" if lesson.deeper else ""


def _bar(lesson: Lesson, what: str, names: Sequence[str], done: frozenset[str]) -> str:
    if not names:
        return "none"
    return bar_html(len(done & set(names)), len(names), f"Lesson {lesson.number}, {what}")


def _table(rows: Iterable[Sequence[str]]) -> str:
    cell = 'style="text-align: left; padding: 2px 0.6em 2px 0"'
    head = "".join(f'<th scope="col" {cell}>{text}</th>' for text in HEADS)
    body = "".join(
        "<tr>" + "".join(f"<td {cell}>{text}</td>" for text in row) + "</tr>" for row in rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="socket-map" style="overflow-x: auto">{table}</div>'
