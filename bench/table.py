"""The table: rows in, Markdown out; and its place in `bench/README.md`.

Everything outside the marks in that file is written by hand and stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.figures import Row

BEGIN = "<!-- table: written by `make bench` -->"
END = "<!-- end of the table -->"

HEAD = ("figure", "ours", "against", "theirs", "ratio", "goal", "reached")
REACHED = {True: "yes", False: "**no**", None: ""}


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEAD, ("---",) * len(HEAD), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    goal = row.goal
    cells = (goal.figure, row.ours, goal.against, row.theirs, row.ratio, goal.to_reach)
    return (*(cell.replace("|", "/") for cell in cells), REACHED[row.reached])


def put(path: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Write the text between the marks of the file. Raises ValueError if it has none."""
    before, found_begin, rest = path.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise ValueError(f"{path.name} has no place for the table: {begin} ... {end}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
