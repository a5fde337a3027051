"""The minutes of a lesson, computed from what stands in its notebook: nobody's feeling.

    python -m tools.minutes            what each lesson has, and what takes the time
    python -m tools.minutes write      put the numbers where a learner reads them

Rules of this file:

- Counted is what stands outside the section *Exercises*. Each exercise says its own minutes, in
  its `words.toml`.
- The result is rounded up to 5 minutes: the rule is not exact to the minute, and a promise is
  better kept than missed. So a sentence more does not change it, most of the time.
- `helpers/course/lessons.py` holds the numbers, since the helpers come without the notebooks. A
  test compares it, the title cells, the map in lesson 00, README.md and the teacher's pages with
  the rule.
"""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.course import lessons, questions
from tools.committed_form import ROOT, text_of
from tools.notebooks import NOTEBOOKS, replace_file

WORDS_A_MINUTE = 150
"""Read with care, by somebody whose first language is often another one."""
CELL, LINES_READ_WITH_IT, LINE = 30, 3, 6
"""Seconds to run a cell and to look at what it gives; and for each line over three."""
QUESTION = 40
"""Seconds to read a question, to choose, and to read the answer."""
CHANGE_IT = 120
"""Seconds to change a cell and to run it again."""
PANEL = 300
"""Seconds to play with a panel."""
ROUNDED_TO = 5
LONGEST = 60
"""No lesson is longer. 45 is better."""


def minutes(notebook: NotebookNode) -> int:
    """The minutes to read and run a lesson, rounded up."""
    return math.ceil(sum(parts(notebook).values()) / 60 / ROUNDED_TO) * ROUNDED_TO


def parts(notebook: NotebookNode) -> dict[str, float]:
    """The seconds for each kind of work in a lesson."""
    found = dict.fromkeys(("prose", "code", "questions", "changes", "panels"), 0.0)
    for cell in outside_the_exercises(notebook):
        if cell.cell_type == "markdown":
            found["prose"] += words(cell.source) / WORDS_A_MINUTE * 60
            found["changes"] += cell.source.count("**Change it.**") * CHANGE_IT
        elif asked := re.match(r'(predict|recall)\("([^"]+)"\)\s*$', cell.source):
            count = len(questions.recall(asked[2])) if asked[1] == "recall" else 1
            found["questions"] += count * QUESTION
        else:
            lines = sum(bool(line.strip()) for line in cell.source.splitlines())
            found["code"] += CELL + max(0, lines - LINES_READ_WITH_IT) * LINE
            found["panels"] += bool(re.search(r"^panel\(", cell.source, re.M)) * PANEL
    return found


def outside_the_exercises(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The cells that do not stand in the section *Exercises*."""
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (heads := re.findall(r"^## (.*)$", cell.source, re.M)):
            inside = heads[-1] == "Exercises"
        if not inside:
            yield cell


def words(text: str) -> int:
    """The words that somebody reads in a Markdown text: not the address of a link."""
    read = re.sub(r"\]\([^)\s]*\)", "] ", text)
    return sum(bool(re.search(r"\w", word)) for word in read.split())


def read(lesson: lessons.Lesson) -> NotebookNode:
    """The notebook of a lesson."""
    notebook: NotebookNode = nbformat.read(NOTEBOOKS / lesson.file, as_version=4)
    return notebook


def note(lesson: lessons.Lesson) -> Path:
    """The page of the lesson for its teacher."""
    return (ROOT / "docs" / "teaching" / lesson.file).with_suffix(".md")


# --- where the numbers stand --------------------------------------------------------------------


def title(lesson: lessons.Lesson) -> str:
    """What the title cell of the lesson says."""
    extra = f", {lesson.exercise_minutes} for the exercises" if lesson.exercises else ""
    return f"**{lesson.minutes} minutes to read and run{extra}.**"


def row(lesson: lessons.Lesson) -> str:
    """The line of the lesson in a map, as a pattern: all before its minutes."""
    return rf"(?m)^(\| (?:\*\*|\[){lesson.number} .* \| )[\d +]+(?= \|$)"


PLANNED = re.compile(r"(?m)^(\| [^|\n]* \| (\d\d(?:, \d\d)*) \| )\d+ \| \d+(?= \|$)")
"""A line of a teacher's plan: a part, its lessons, and the minutes of these."""


def planned(text: str, computed: Sequence[lessons.Lesson]) -> str:
    """The teacher's plan with the sums of its lessons."""
    each = {lesson.number: lesson for lesson in computed}

    def sums(row: re.Match[str]) -> str:
        chosen = [each[number] for number in row[2].split(", ")]
        to_read = sum(lesson.minutes for lesson in chosen)
        return f"{row[1]}{to_read} | {sum(lesson.exercise_minutes for lesson in chosen)}"

    return PLANNED.sub(sums, text)


def in_title(text: str, lesson: lessons.Lesson) -> str:
    """A lesson's first cell, or its page for the teacher, with the minutes of the lesson."""
    return written(text, r"(?s)^(.*?)\*\*\d+ minutes[^*]*\*\*", title(lesson))


def written(text: str, pattern: str, new: str) -> str:
    """The text with `new` after the group of the pattern. Raises ValueError if it finds nothing."""
    result, count = re.subn(pattern, lambda found: found[1] + new, text)
    if count != 1:
        raise ValueError(f"{count} places for {pattern!r}")
    return result


def write() -> bool:
    """Put the numbers where they stand. True if one has changed: lesson 00 must run again then."""
    computed = [replace(each, minutes=minutes(read(each))) for each in lessons.LESSONS]
    source = ROOT / "helpers" / "course" / "lessons.py"
    text = source.read_text(encoding="utf-8")
    for lesson in computed:
        text = written(text, rf'(Lesson\("{lesson.number}", ".*", )\d+', str(lesson.minutes))
    replace_file(source, text)
    for readme in ROOT.glob("README*.md"):
        text = readme.read_text(encoding="utf-8")
        replace_file(readme, with_rows(text, in_map(text, computed)))
    teaching = ROOT / "docs" / "teaching.md"
    replace_file(teaching, planned(teaching.read_text(encoding="utf-8"), computed))
    for lesson in computed:
        page = note(lesson)
        replace_file(page, in_title(page.read_text(encoding="utf-8"), lesson))
        notebook = read(lesson)
        notebook.cells[0].source = in_title(notebook.cells[0].source, lesson)
        for cell in notebook.cells:
            if cell.id == "map":
                cell.source = with_rows(cell.source, computed)
        replace_file(NOTEBOOKS / lesson.file, text_of(notebook))
    return computed != list(lessons.LESSONS)


def in_map(text: str, among: Sequence[lessons.Lesson]) -> list[lessons.Lesson]:
    """The lessons that a map has. One in another language has those that are translated."""
    return [lesson for lesson in among if re.search(row(lesson), text)]


def with_rows(text: str, computed: Sequence[lessons.Lesson]) -> str:
    """A map with the minutes of each lesson."""
    for lesson in computed:
        text = written(text, row(lesson), lesson.minutes_text)
    return text


def table() -> str:
    """A line for each lesson: its minutes, and the minutes for each kind of work."""
    return "\n".join(
        f"{lesson.number} {minutes(read(lesson)):3}  "
        + "  ".join(f"{kind} {seconds / 60:.0f}" for kind, seconds in parts(read(lesson)).items())
        for lesson in lessons.LESSONS
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.minutes")
    parser.add_argument("action", nargs="?", choices=["write"])
    changed = bool(parser.parse_args(arguments).action) and write()
    print(table())
    if changed:
        print("Now run `make notebooks`: an output of lesson 00 shows the minutes.")


if __name__ == "__main__":
    main()
