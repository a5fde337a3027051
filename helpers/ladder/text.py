"""A ladder in characters.

Rules of this file:

- Pure: a `Ladder` in, lines out. This form comes first: it is what tests compare, what a screen
  reader reads and what a terminal shows.
- No line is wider than asked for, whatever the learner's names and data are.

Theory of operation. Each row of the ladder becomes one line or more, drawn with characters that
are one column wide:

- two lanes: the calls of each side at its margin, arrows in the middle;
- one lane, or three and more: a narrow column for each lane at the left, as in
  `git log --graph`, and the calls in one column at the right.
"""

from __future__ import annotations

from collections.abc import Iterator

from helpers.ladder.build import Ladder, Row
from helpers.ladder.crossings import Arrow
from helpers.ladder.wording import (
    CROSS,
    Line,
    call_lines,
    crossed,
    folded,
    legend,
    line_text,
    new,
    notes,
)
from helpers.text import centred, columns, cut, pad

NARROWEST = 48
"""The smallest width in columns. A smaller one that is asked for is taken as this."""


def draw(shown: Ladder, width: int) -> str:
    """The ladder, in lines of at most `width` columns."""
    width = max(width, NARROWEST)
    lines = notes(shown, width)
    if shown.lanes:
        lines += (_two_lanes if len(shown.lanes) == 2 else _graph)(shown, width)
    return "\n".join(line.rstrip() for line in lines)


def _two_lanes(shown: Ladder, width: int) -> Iterator[str]:
    """Calls at both margins, lifelines and arrows between them."""
    labels = (row.arrow.label for row in shown.rows if row.arrow)
    middle = max(14, min(24, max(map(columns, labels), default=0) + len("── ") * 2 + 1))
    side = (width - middle - len(" ││ ")) // 2
    left, right = (cut(lane.title, side) for lane in shown.lanes)
    yield f"{pad(left, side)} {' ' * (middle + 2)} {right}"
    yield f"{'─' * (side + 1)}┐{' ' * middle}┌{'─' * (side + 1)}"
    for row in shown.rows:
        if row.folded or row.new:
            yield _across(row, width)
            continue
        lines: list[list[Line]] = [[], []]
        for call in row.calls:
            lines[call.lane] = call_lines(call, side)
        for place in range(max(map(len, lines))):
            texts = [line_text(each[place]) if place < len(each) else "" for each in lines]
            waiting = row.waiting | {call.lane for call in row.calls if call.waited and not place}
            first, last = ("░" if lane in waiting else "│" for lane in (0, 1))
            gap = _arrow(row.arrow, middle) if row.arrow and not place else " " * middle
            yield f"{pad(texts[0], side)} {first}{gap}{last} {texts[1]}"


def _arrow(arrow: Arrow, width: int) -> str:
    """`── 5 bytes ───►`. One that only leaves, or only arrives, does not span the width."""
    label = f" {arrow.label} " if columns(arrow.label) <= width - 5 else ""
    length = width if arrow.drawn == "whole" else max(width - 3, columns(label) + 3)
    rightwards = arrow.source < arrow.target
    shaft = centred(label, length - 1, "─")
    line = f"{shaft}►" if rightwards else f"◄{shaft}"
    room = " " * (width - columns(line))
    return line + room if rightwards == (arrow.drawn == "leaving") else room + line


def _across(row: Row, width: int) -> str:
    """What stands in place of calls: that they are left out, or that what follows is new."""
    return centred(f" {new()} ", width, "─") if row.new else centred(folded(row.folded), width)


def _graph(shown: Ladder, width: int) -> Iterator[str]:
    """A narrow column for each lane at the left, the calls at the right."""
    lanes = len(shown.lanes)
    yield from _heads(shown, width)
    for row in shown.rows:
        if row.folded or row.new:
            yield _across(row, width) if row.new else "┊  " * lanes + folded(row.folded)
            continue
        for call in row.calls:
            first = call is row.calls[0]
            arrow = row.arrow if first else None
            letter = f"{shown.letter(call.lane)} ".lstrip()
            room = width - 3 * lanes - len(letter)
            lines = call_lines(call, room, crossed(shown, arrow))
            waiting = row.waiting | {each.lane for each in row.calls if each.waited and first}
            marks = ["░" if lane in waiting else "│" for lane in range(lanes)]
            own = {"done": "●", "failed": CROSS, "waiting": "░"}[call.event.outcome]
            yield _graph_marks(marks, call.lane, own, arrow) + letter + line_text(lines[0])
            marks = ["░" if lane in row.waiting else "│" for lane in range(lanes)]
            for line in lines[1:]:
                yield "".join(f"{mark}  " for mark in marks) + " " * len(letter) + line_text(line)


def _heads(shown: Ladder, width: int) -> Iterator[str]:
    line = ""
    for letter, title in legend(shown):
        entry = f"{letter} {title}".strip()
        if line and columns(line + entry) > width:
            yield line
            line = ""
        line += f"{entry}   "
    yield line
    letters = "".join(f"{shown.letter(lane)}  " for lane in range(len(shown.lanes)))
    yield letters if letters.strip() else "─" * width


def _graph_marks(marks: list[str], lane: int, own: str, arrow: Arrow | None) -> str:
    """The lanes beside a call: its own mark, the lifelines of the others, the arrow."""
    gaps = ["  "] * len(marks)
    marks[lane] = own
    if arrow:
        low, high = sorted((arrow.source, arrow.target))
        rightwards = arrow.source < arrow.target
        if arrow.drawn == "whole":
            marks[low + 1 : high] = ["┼"] * (high - low - 1)
            gaps[low:high] = ["──"] * (high - low)
            gaps[high - 1 if rightwards else low] = "─►" if rightwards else "◄─"
        elif lane == low:
            gaps[low] = "► " if rightwards else "◄ "
        else:
            gaps[high - 1] = " ►" if rightwards else " ◄"
    return "".join(mark + gap for mark, gap in zip(marks, gaps, strict=True))
