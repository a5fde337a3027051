"""What was found, as tables for a teacher and a page for each learner.

Rules of this file:

- Names and texts come from strangers. In HTML they are escaped; in CSV none begins with what a
  spreadsheet takes for a formula; no name becomes a path.
- No outcome is a mark: what it is worth is the teacher's to say.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from helpers.grade.running import OUTCOMES, Grade
from helpers.grade.submissions import Problem
from helpers.text import columns, harmless_in_csv, visible

SIGNS = dict(zip(OUTCOMES, "✓✗?○·", strict=True))


def write_all(folder: Path, grades: Sequence[Grade], problems: Sequence[Problem]) -> None:
    """Write `grades.csv`, `mistakes.csv`, `problems.csv` and `learners/*.html`. Raises OSError."""
    pages = folder / "learners"
    pages.mkdir(parents=True, exist_ok=True)
    columns_ = ("learner", "exercise", "outcome", "scenario", "mistake", "error", "file")
    rows = [[getattr(grade, name) for name in columns_] for grade in grades]
    _write_csv(folder / "grades.csv", columns_, rows)
    _write_csv(folder / "mistakes.csv", ("exercise", "mistake", "learners"), mistakes(grades))
    _write_csv(folder / "problems.csv", ("file", "problem"), [[p.file, p.says] for p in problems])
    for learner in dict.fromkeys(grade.learner for grade in grades):
        own = [grade for grade in grades if grade.learner == learner]
        (pages / page_name(learner)).write_text(page(learner, own), encoding="utf-8")


def mistakes(grades: Iterable[Grade]) -> list[tuple[str, str, int]]:
    """Exercise, known mistake, how many learners made it: the most frequent first."""
    counted = Counter((each.exercise, each.mistake) for each in grades if each.mistake)
    return [(*which, number) for which, number in counted.most_common()]


def summary(grades: Sequence[Grade], problems: Sequence[Problem], folder: Path) -> str:
    """For the terminal: a row for each exercise, the known mistakes, what could not be read."""
    learners = {grade.learner for grade in grades}
    lines = [f"{len(learners)} learners, {len(grades)} answers\n"]
    exercises = list(dict.fromkeys(grade.exercise for grade in grades))
    shown = [name for name in OUTCOMES if any(grade.outcome == name for grade in grades)]
    rows = [["", *shown]]
    for exercise in exercises:
        counts = Counter(grade.outcome for grade in grades if grade.exercise == exercise)
        rows.append([exercise, *(str(counts[name]) for name in shown)])
    lines += _aligned(rows)
    if found := mistakes(grades):
        lines += ["", "Known mistakes"]
        lines += _aligned([[str(number), exercise, name] for exercise, name, number in found])
    if problems:
        lines += ["", "Not read"]
        lines += [f"  {visible(each.file)}: {visible(each.says)}" for each in problems]
    lines += ["", f"Written to {folder}: grades.csv, mistakes.csv, problems.csv, learners/"]
    return "\n".join(lines)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [[visible(each) for each in row] for row in rows]
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            text + " " * (width - columns(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _write_csv(path: Path, head: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # -sig: Excel asks for it
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows([harmless_in_csv(each) for each in row] for row in rows)


def page_name(learner: str) -> str:
    """The name of the learner's page: letters and digits, and its own for each learner."""
    plain = re.sub(r"[^\w-]+", "_", learner).strip("_")[:60]
    return f"{plain}-{hashlib.sha256(learner.encode('utf-8', 'replace')).hexdigest()[:8]}.html"


def page(learner: str, grades: Sequence[Grade]) -> str:
    """One learner's answers as a page that needs nothing else."""
    passed = sum(grade.outcome == "correct" for grade in grades)
    parts = [_HEAD.format(name=escape(visible(learner)), passed=passed, count=len(grades))]
    for grade in grades:
        sign = f'<span class="{grade.outcome.replace(" ", "-")}">{SIGNS[grade.outcome]}</span>'
        parts.append(f"<h2>{sign} {escape(grade.exercise)}: {grade.outcome}</h2>")
        if grade.file:
            parts.append(f"<p>{escape(visible(grade.file))}</p>")
        if grade.error and not grade.report:
            parts.append(f"<p>{escape(visible(grade.error))}</p>")
        if grade.report:
            lines = "\n".join(visible(line) for line in grade.report.split("\n"))
            parts.append(f"<pre>{escape(lines)}</pre>")
    return "\n".join([*parts, "</main></html>\n"])


_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{name}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 56rem }}
body {{ padding: 0 1rem }}
pre {{ background: light-dark(#f4f4f4, #222); overflow-x: auto; padding: 0.75rem }}
.correct {{ color: light-dark(#116329, #4ac26b) }}
.incorrect {{ color: light-dark(#a40e26, #ff8182) }}
</style>
<main><h1>{name}</h1>
<p>{passed} of {count} exercises passed.</p>"""
