"""A ladder as an SVG picture: the same lanes, rows and words as in the text.

Rules of this file:

- Pure: a `Ladder` in, one string out. The same ladder gives the same bytes.
- No script, no link, nothing fetched. Every text goes through `escape`.
- The picture is shown as an image and cannot see the page around it. So it draws its own
  card, and brings its own colours for light and for dark pages.
- Colour is never the only sign: a wait is hatched and said, a failure is a cross and said.
- Nothing overlaps: every width is counted in characters of a monospaced font, and a line
  with characters that another font may have to draw is held to its width (`textLength`).
"""

from __future__ import annotations

from helpers.ladder.build import Ladder, LaneCall
from helpers.ladder.crossings import Arrow
from helpers.ladder.saying import LADDER
from helpers.ladder.strokes import (
    LINE,
    Waits,
    arrow_line,
    box,
    call_text,
    cross,
    escape,
    lifeline,
    px,
    words,
)
from helpers.ladder.style import COLUMN, DEFINITIONS, FONT, LABEL_COLUMN, style_sheet
from helpers.ladder.wording import call_lines, crossed, folded, legend, new, notes, summary
from helpers.text import columns, cut

WIDTH, MARGIN = 780, 20
ROW_TOP, ROW_BOTTOM = 19, 11
"""Pixels above the middle of a row's first line, and below its last."""
HEAD = 32

LEFT, RIGHT = 317, 463
"""Where the two lifelines are."""
BESIDE = 14
"""From a lifeline to the words beside it."""
SIDE_COLUMNS = int((LEFT - BESIDE - MARGIN) / COLUMN)
LABEL_COLUMNS = int((RIGHT - LEFT - 10) / LABEL_COLUMN)
NOTE_COLUMNS = int((WIDTH - 2 * MARGIN) / COLUMN)

NODE = 9
"""Radius of the circle that stands for a call where lanes are narrow."""


def draw(shown: Ladder) -> str:
    """The picture, as one `<svg>` element."""
    body: list[str] = []
    bottom = float(MARGIN)
    said = notes(shown, NOTE_COLUMNS)
    for note in said:
        body.append(words(MARGIN, bottom + FONT, note, "remark"))
        bottom += LINE
    if shown.rows:
        bottom += LINE // 2 if said else 0
        drawn, bottom = (_two_lanes if len(shown.lanes) == 2 else _graph)(shown, bottom)
        body += drawn
    height = bottom + MARGIN - 4
    content = "\n".join(body)
    spoken = escape(summary(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="socket-ladder" role="img" '
        f'aria-label="{spoken}" '
        f'width="{WIDTH}" height="{px(height)}" viewBox="0 0 {WIDTH} {px(height)}">\n'
        f"<title>{escape(LADDER['title'])}</title>\n<desc>{spoken}</desc>\n"
        f"<style>{style_sheet()}</style>\n{DEFINITIONS}\n"
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{px(height - 1)}" '
        f'rx="12"/>\n{content}\n</svg>\n'
    )


# Two lanes


def _two_lanes(shown: Ladder, top: float) -> tuple[list[str], float]:
    """Words at both sides, arrows between the two lifelines."""
    lifelines = (LEFT, RIGHT)
    heads: list[str] = []
    calls: list[str] = []
    waits = Waits()
    width = LEFT + BESIDE - MARGIN
    for start, lane in zip((MARGIN, RIGHT - BESIDE), shown.lanes, strict=True):
        title = cut(lane.title, SIDE_COLUMNS)
        heads.append(box(start, top, width, HEAD))
        heads.append(words(start + width / 2, top + 21, title, "title", "middle"))
    y = start_of_rows = top + HEAD + 8
    for row in shown.rows:
        if row.folded or row.new:
            y = _new(calls, y) if row.new else _fold(calls, y, row.folded)
            continue
        middle = y + ROW_TOP
        written = [(call, call_lines(call, SIDE_COLUMNS)) for call in row.calls]
        bottom = middle + (max(len(lines) for _, lines in written) - 1) * LINE + ROW_BOTTOM
        waits.add(row.waiting, y, bottom)
        if row.arrow:
            calls += _across(row.arrow, lifelines, middle)
        for call, lines in written:
            x = lifelines[call.lane]
            if call.waited:
                waits.add([call.lane], y, middle)
            calls += call_text(
                x + BESIDE if call.lane else x - BESIDE, middle, lines, not call.lane
            )
            calls.append(_dot(x, middle, call))
        y = bottom
    behind = [lifeline(x, start_of_rows - 8, y + 6) for x in lifelines]
    return [*behind, *waits.bars(lifelines), *heads, *calls], y + 6


def _across(arrow: Arrow, lifelines: tuple[int, int], y: float) -> list[str]:
    """An arrow with its label above. One that only leaves, or only arrives, is shorter."""
    start, end = float(lifelines[arrow.source]), float(lifelines[arrow.target])
    ahead = 1 if end > start else -1
    label = cut(arrow.label, LABEL_COLUMNS)
    half = columns(label) * LABEL_COLUMN / 2 + 7
    short = ahead * max(8, min(48, RIGHT - LEFT - 2 * half))
    if arrow.drawn == "leaving":
        end -= short
    elif arrow.drawn == "arriving":
        start += short
    centre = min(max((start + end) / 2, LEFT + half), RIGHT - half)
    tip = end - ahead * (0 if arrow.drawn == "leaving" else 5)
    return [
        arrow_line(start, y, tip, y),
        words(centre, y - 6, label, "label crossed", "middle"),
    ]


def _dot(x: float, y: float, call: LaneCall) -> str:
    """The mark of a call on its lifeline."""
    if call.event.outcome == "failed":
        return cross(x, y, 5)
    if call.event.outcome == "waiting":
        return ""
    return f'<circle class="dot" cx="{px(x)}" cy="{px(y)}" r="4"/>'


# One lane, or three and more


def _graph(shown: Ladder, top: float) -> tuple[list[str], float]:
    """A narrow column for each lane at the left, words at the right."""
    pitch = 34 if len(shown.lanes) <= 8 else 26
    lifelines = [MARGIN + NODE + 1 + pitch * lane for lane in range(len(shown.lanes))]
    words_at = lifelines[-1] + NODE + BESIDE
    room = int((WIDTH - MARGIN - words_at) / COLUMN)
    heads, y = _legend(shown, top)
    start_of_rows = y
    calls: list[str] = []
    waits = Waits()
    for row in shown.rows:
        if row.folded or row.new:
            y = _new(calls, y) if row.new else _fold(calls, y, row.folded)
            continue
        came_from: float | None = None
        for call in row.calls:
            middle = y + ROW_TOP - 2
            arrow = row.arrow if call is row.calls[0] else None
            lines = call_lines(call, room, crossed(shown, arrow))
            bottom = middle + (len(lines) - 1) * LINE + ROW_BOTTOM
            waits.add(row.waiting, y, bottom)
            later = [each.lane for each in row.calls[1:] if each.waited and call is row.calls[0]]
            waits.add(later, y, bottom)
            if call.waited:
                waits.add([call.lane], y, middle)
            if row.arrow and came_from is not None:
                calls.append(_slanted(lifelines, row.arrow, came_from, middle))
            if arrow and arrow.drawn != "whole":
                calls.append(_stub(lifelines[call.lane], middle, arrow))
            calls += call_text(words_at, middle, lines)
            calls += _node(lifelines[call.lane], middle, call, shown.letter(call.lane))
            came_from, y = middle, bottom
    behind = [lifeline(x, start_of_rows, y + 6) for x in lifelines]
    return [*heads, *behind, *waits.bars(lifelines), *calls], y + 6


def _legend(shown: Ladder, top: float) -> tuple[list[str], float]:
    """Which letter stands for which lane."""
    drawn: list[str] = []
    x = float(MARGIN)
    for letter, title in legend(shown):
        text = f"{letter}  {title}" if letter else title
        width = columns(text) * COLUMN + 24
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, top = MARGIN, top + HEAD + 6
        drawn.append(box(x, top, width, HEAD - 4))
        drawn.append(words(x + 12, top + 19, text, "title"))
        x += width + 8
    return drawn, top + HEAD + 6


def _slanted(lifelines: list[int], arrow: Arrow, from_y: float, to_y: float) -> str:
    """From the node of a send down to the node of its receive."""
    start, end = lifelines[arrow.source], lifelines[arrow.target]
    length = ((end - start) ** 2 + (to_y - from_y) ** 2) ** 0.5
    across, down = (end - start) / length, (to_y - from_y) / length
    gap = NODE + 2
    return arrow_line(
        start + across * NODE, from_y + down * NODE, end - across * gap, to_y - down * gap
    )


def _stub(x: float, y: float, arrow: Arrow) -> str:
    """A short arrow beside a node: it leaves towards its target, or arrives from its source."""
    ahead = 1 if arrow.target > arrow.source else -1
    if arrow.drawn == "leaving":
        return arrow_line(x + ahead * NODE, y, x + ahead * (NODE + 13), y)
    return arrow_line(x - ahead * (NODE + 15), y, x - ahead * (NODE + 2), y)


def _node(x: float, y: float, call: LaneCall, letter: str) -> list[str]:
    """The mark of a call in a narrow lane: a circle with the lane's letter."""
    if not letter:
        return [_dot(x, y, call)]
    kind = "failed" if call.event.outcome == "failed" else "node"
    edge = ' stroke-dasharray="3 2"' if call.event.outcome == "waiting" else ""
    drawn = [f'<circle class="{kind}" cx="{px(x)}" cy="{px(y)}" r="{NODE}"{edge}/>']
    if call.event.outcome == "failed":
        return [*drawn, cross(x, y, 4)]
    return [*drawn, words(x, y + 4, letter, "label title", "middle")]


def _fold(drawn: list[str], y: float, calls: int) -> float:
    """A line that says how many calls are left out. Returns where the next row begins."""
    text = folded(calls)
    width = columns(text) * COLUMN + 28
    drawn.append(box((WIDTH - width) / 2, y + 8, width, HEAD - 6))
    drawn.append(words(WIDTH / 2, y + 25, text, "remark", "middle"))
    return y + HEAD + 10


def _new(drawn: list[str], y: float) -> float:
    """A line above what is new. Returns where the next row begins."""
    middle, half = y + 11, columns(new()) * COLUMN / 2 + 8
    for start, end in ((MARGIN, WIDTH / 2 - half), (WIDTH / 2 + half, WIDTH - MARGIN)):
        drawn.append(
            f'<path class="life" stroke-dasharray="4 4" d="M{px(start)} {px(middle)}H{px(end)}"/>'
        )
    drawn.append(words(WIDTH / 2, middle + 4.5, new(), "crossed title", "middle"))
    return y + 20
