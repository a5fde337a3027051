"""The questions of the lessons: one TOML file for each lesson, in `predictions/`.

Rules of this file:

- All words of a question are in the file, so that a translator needs no notebook, and a
  learner who reads the cell does not see the answer in it.
- A name is found once in the whole course. It is the id of the cell that the question is about,
  or the entry says `cell = "..."`.
- Each choice has an answer of its own: `right` for one of them, `wrong` for the others. A `wrong`
  answers the belief that leads there.
- A file that breaks these rules is refused with its name and the entry's.

The file of a lesson:

    [recv-waits]
    question = "Nobody has sent anything. What does `recv(1024)` do?"
    choices = [
        { text = "It returns `b''`.", wrong = "`b''` is the end, and never \"nothing yet\"." },
        { text = "It waits.", right = "Nothing has come, so it waits for the first byte." },
    ]

    [recall.accept-returns]
    question = "..."
    choices = [ ... ]

What stands below `recall` is asked at the head of the lesson, all together, with `recall("06")`.
The marks that a text may have are the ones of `marks.py`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from helpers.course.saying import QUESTIONS
from helpers.language import cached
from helpers.toml_file import translated

FOLDER = Path(__file__).resolve().parent / "predictions"
RECALL = "recall"


class BadQuestion(Exception):
    """An entry of the file that breaks a rule. The text says which, and how."""


@dataclass(frozen=True)
class Choice:
    """One of the answers that a learner can choose."""

    text: str
    answer: str
    """What a learner reads who has chosen it."""
    right: bool
    kept: str
    """Its text in English: so who chose it is known in each language of the course."""


@dataclass(frozen=True)
class Question:
    """What is asked, and the choices in the order in which they are shown."""

    name: str
    lesson: str
    text: str
    choices: tuple[Choice, ...]
    cell: str
    """The id of the cell that gives the answer when it runs."""

    @property
    def right(self) -> Choice:
        """The one right choice."""
        return next(choice for choice in self.choices if choice.right)


@dataclass(frozen=True)
class LessonQuestions:
    """The questions of one lesson, in the order of its file."""

    predictions: tuple[Question, ...]
    recall: tuple[Question, ...]


def lessons() -> list[str]:
    """The lessons that have a file, as they are numbered: `"01"`, `"02"`."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def prediction(name: str) -> Question:
    """The prediction with this name. Raises LookupError if there is none, and names one like it."""
    known = {each.name: each for lesson in lessons() for each in of_lesson(lesson).predictions}
    if name in known:
        return known[name]
    close = get_close_matches(str(name), known, n=1)
    said = QUESTIONS("unknown", name=f"{name!r:.80}")
    raise LookupError(f"{said} {QUESTIONS('close', name=repr(close[0]))}" if close else said)


def recall(lesson: str) -> tuple[Question, ...]:
    """The questions at the head of a lesson. Raises LookupError if it has none."""
    found = of_lesson(lesson).recall if lesson in lessons() else ()
    if not found:
        raise LookupError(QUESTIONS("no recall", lesson=f"{lesson!r:.80}"))
    return found


@cached
def of_lesson(lesson: str) -> LessonQuestions:
    """All questions of a lesson, in the language of now. Raises BadQuestion."""
    path = FOLDER / f"{lesson}.toml"
    return read(lesson, path.read_text(encoding="utf-8"))


def read(lesson: str, text: str) -> LessonQuestions:
    """The questions in the text of a lesson's file. Raises BadQuestion."""
    try:
        english = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadQuestion(f"{lesson}.toml: {error}") from error
    return LessonQuestions(*(_read(lesson, english, part) for part in ("", RECALL)))


def _read(lesson: str, english: dict[str, Any], part: str) -> tuple[Question, ...]:
    """The questions of the file, or those of its recall."""
    entries = translated(english, FOLDER / f"{lesson}.toml")
    if part:
        entries, english = entries.get(part, {}), english.get(part, {})
    return tuple(
        _question(lesson, name, entry, english[name])
        for name, entry in entries.items()
        if part or name != RECALL
    )


def _question(lesson: str, name: str, entry: Any, english: Any) -> Question:
    where = f"{lesson}.toml: {name}"
    if not isinstance(entry, Mapping):
        raise BadQuestion(f"{where}: a question is a table with `question` and `choices`")
    if odd := set(entry) - {"question", "choices", "cell"}:
        raise BadQuestion(f"{where}: unknown key {sorted(odd)[0]!r}")
    both = zip(entry.get("choices", []), english.get("choices", []), strict=True)
    choices = tuple(_choice(where, each, before) for each, before in both)
    if sum(choice.right for choice in choices) != 1:
        raise BadQuestion(f"{where}: exactly one choice has `right`")
    if len(choices) < 2 or len({choice.text for choice in choices}) < len(choices):
        raise BadQuestion(f"{where}: two choices or more, and no two of them the same")
    return Question(name, lesson, _text(where, entry, "question"), choices, entry.get("cell", name))


def _choice(where: str, entry: Mapping[str, Any], english: Mapping[str, Any]) -> Choice:
    kinds = set(entry) - {"text"}
    if kinds not in ({"right"}, {"wrong"}):
        raise BadQuestion(f"{where}: a choice has `text`, and `right` or `wrong`")
    (kind,) = kinds
    text, answer = _text(where, entry, "text"), _text(where, entry, kind)
    return Choice(text, answer, kind == "right", _text(where, english, "text"))


def _text(where: str, entry: Mapping[str, Any], key: str) -> str:
    text = entry.get(key)
    if not isinstance(text, str) or not text.strip():
        raise BadQuestion(f"{where}: {key!r} is a text, and not an empty one")
    return text.strip()
