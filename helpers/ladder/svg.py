"""A ladder as an SVG picture: the same lanes, rows and words as in the text.

Rules of this file:

- Pure: a `Ladder` in, one string out. The same ladder gives the same bytes.
- No script, no link, nothing fetched. Every text goes through `_escape`.
- The picture is shown as an image and cannot see the page around it. So it draws its own
  card, and brings its own colours for light and for dark pages.
- Colour is never the only sign: a wait is hatched and said, a failure is a cross and said.
- Nothing overlaps: every width is counted in characters of a monospaced font, and a line
  with characters that another font may have to draw is held to its width (`textLength`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from helpers.ladder.build import CROSS, Arrow, Call, Ladder, Line
from helpers.text import columns, cut

CallLines = Callable[[Call, int, str], list[Line]]
"""Says a call in lines of at most so many columns, with what crossed at the end."""

LIGHT = {
    "card": "#ffffff",
    "edge": "#d1d9e0",
    "head": "#eaf0f7",
    "text": "#1f2328",
    "remark": "#59636e",
    "crossed": "#0a53a8",
    "bad": "#b3201d",
    "line": "#8b949e",
    "wait": "#9a6a00",
}
DARK = {
    "card": "#12171e",
    "edge": "#343c46",
    "head": "#222d3b",
    "text": "#e6edf3",
    "remark": "#a3adb8",
    "crossed": "#82c0ff",
    "bad": "#ff938a",
    "line": "#768390",
    "wait": "#d9a53a",
}

FONT, LABEL_FONT = 13, 11
ADVANCE = 0.602
"""Width of one column as a part of the font's size: that of the widest common monospaced font."""
COLUMN, LABEL_COLUMN = FONT * ADVANCE, LABEL_FONT * ADVANCE

WIDTH, MARGIN = 780, 20
LINE, ROW_TOP, ROW_BOTTOM = 18, 19, 11
"""Pixels from line to line, above the middle of a row's first line, and below its last."""
HEAD = 32

LEFT, RIGHT = 317, 463
"""Where the two lifelines are."""
BESIDE = 14
"""From a lifeline to the words beside it."""
SIDE_COLUMNS = int((LEFT - BESIDE - MARGIN) / COLUMN)
LABEL_COLUMNS = int((RIGHT - LEFT - 10) / LABEL_COLUMN)

NODE = 9
"""Radius of the circle that stands for a call where lanes are narrow."""

_NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]


def draw(shown: Ladder, call_lines: CallLines) -> str:
    """The picture, as one `<svg>` element."""
    body: list[str] = []
    bottom = float(MARGIN)
    for note in shown.notes:
        body.append(_words(MARGIN, bottom + FONT, note, "remark"))
        bottom += LINE
    if shown.rows:
        bottom += LINE // 2 if shown.notes else 0
        drawn, bottom = (_two_lanes if len(shown.lanes) == 2 else _graph)(shown, call_lines, bottom)
        body += drawn
    height = bottom + MARGIN - 4
    content = "\n".join(body)
    spoken = _escape(summary(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="socket-ladder" role="img" '
        f'aria-label="{spoken}" '
        f'width="{WIDTH}" height="{_px(height)}" viewBox="0 0 {WIDTH} {_px(height)}">\n'
        f"<title>Timeline of socket calls</title>\n<desc>{spoken}</desc>\n"
        f"<style>{_style()}</style>\n{_DEFINITIONS}\n"
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{_px(height - 1)}" '
        f'rx="12"/>\n{content}\n</svg>\n'
    )


def summary(shown: Ladder) -> str:
    """What the picture shows, in one sentence: for those who hear it."""
    if not shown.rows:
        return shown.notes[-1]
    lanes = len(shown.lanes)
    number = _NUMBERS[lanes] if lanes < len(_NUMBERS) else str(lanes)
    titles = [lane.title for lane in shown.lanes]
    names = ", ".join(titles[:-1]) + " and " + titles[-1] if lanes > 1 else titles[0]
    calls = f"{shown.calls:,} call{'' if shown.calls == 1 else 's'}"
    return f"{number} lane{'' if lanes == 1 else 's'}, {names}, {calls}."


_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
"""What stands for itself nowhere in XML. (The module `xml.sax.saxutils` would import TLS.)"""


# The card


def _style() -> str:
    light, dark = _colours(LIGHT), _colours(DARK)
    return (
        "\n.socket-ladder text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"
        f"'DejaVu Sans Mono','Liberation Mono',monospace;font-size:{FONT}px;white-space:pre}}\n"
        f".socket-ladder .label{{font-size:{LABEL_FONT}px}}\n"
        ".socket-ladder .title{font-weight:600}\n"
        ".socket-ladder .life,.socket-ladder .arrow,.socket-ladder .cross{fill:none}\n"
        ".socket-ladder .life{stroke-width:1.5}\n"
        ".socket-ladder .arrow{stroke-width:1.6;marker-end:url(#socket-ladder-tip)}\n"
        ".socket-ladder .cross{stroke-width:2.4;stroke-linecap:round}\n"
        ".socket-ladder .wait{fill:url(#socket-ladder-hatch)}\n"
        f"{light}@media (prefers-color-scheme:dark){{\n{dark}}}\n"
    )


def _colours(colours: dict[str, str]) -> str:
    rules = {
        ".card": f"fill:{colours['card']};stroke:{colours['edge']}",
        ".head": f"fill:{colours['head']};stroke:{colours['edge']}",
        ".code,.title": f"fill:{colours['text']}",
        ".remark": f"fill:{colours['remark']}",
        ".crossed,.tip": f"fill:{colours['crossed']}",
        ".bad": f"fill:{colours['bad']}",
        ".life": f"stroke:{colours['line']}",
        ".arrow": f"stroke:{colours['crossed']}",
        ".cross": f"stroke:{colours['bad']}",
        ".dot": f"fill:{colours['text']};stroke:{colours['card']}",
        ".node": f"fill:{colours['head']};stroke:{colours['text']}",
        ".failed": f"fill:{colours['card']};stroke:{colours['bad']}",
        ".wait,.hatch": f"stroke:{colours['wait']}",
        ".ground": f"fill:{colours['card']}",
    }
    return "".join(
        f"{','.join(f'.socket-ladder {each}' for each in names.split(','))}{{{rule}}}\n"
        for names, rule in rules.items()
    )


_DEFINITIONS = (
    '<defs><marker id="socket-ladder-tip" viewBox="0 0 9 8" refX="8.5" refY="4" markerWidth="9" '
    'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
    '<path class="tip" d="M0 0L9 4L0 8z"/></marker>'
    '<pattern id="socket-ladder-hatch" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect class="ground" width="5" height="5"/>'
    '<path class="hatch" d="M-1 1L1 -1M0 5L5 0M4 6L6 4" stroke-width="1.3"/></pattern></defs>'
)


# Two lanes


def _two_lanes(shown: Ladder, call_lines: CallLines, top: float) -> tuple[list[str], float]:
    """Words at both sides, arrows between the two lifelines."""
    lifelines = (LEFT, RIGHT)
    heads: list[str] = []
    calls: list[str] = []
    waits = _Waits()
    width = LEFT + BESIDE - MARGIN
    for start, lane in zip((MARGIN, RIGHT - BESIDE), shown.lanes, strict=True):
        title = cut(lane.title, SIDE_COLUMNS)
        heads.append(_box(start, top, width, HEAD))
        heads.append(_words(start + width / 2, top + 21, title, "title", "middle"))
    y = start_of_rows = top + HEAD + 8
    for row in shown.rows:
        if row.folded:
            y = _fold(calls, y, row.folded)
            continue
        middle = y + ROW_TOP
        written = [(call, call_lines(call, SIDE_COLUMNS, "")) for call in row.calls]
        bottom = middle + (max(len(lines) for _, lines in written) - 1) * LINE + ROW_BOTTOM
        waits.add(row.waiting, y, bottom)
        if row.arrow:
            calls += _across(row.arrow, lifelines, middle)
        for call, lines in written:
            x = lifelines[call.lane]
            if call.waited:
                waits.add([call.lane], y, middle)
            calls += _call_text(
                x + BESIDE if call.lane else x - BESIDE, middle, lines, not call.lane
            )
            calls.append(_dot(x, middle, call))
        y = bottom
    behind = [_lifeline(x, start_of_rows - 8, y + 6) for x in lifelines]
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
        _arrow(start, y, tip, y),
        _words(centre, y - 6, label, "label crossed", "middle"),
    ]


def _dot(x: float, y: float, call: Call) -> str:
    """The mark of a call on its lifeline."""
    if call.event.outcome == "failed":
        return _cross(x, y, 5)
    if call.event.outcome == "waiting":
        return ""
    return f'<circle class="dot" cx="{_px(x)}" cy="{_px(y)}" r="4"/>'


# One lane, or three and more


def _graph(shown: Ladder, call_lines: CallLines, top: float) -> tuple[list[str], float]:
    """A narrow column for each lane at the left, words at the right."""
    pitch = 34 if len(shown.lanes) <= 8 else 26
    lifelines = [MARGIN + NODE + 1 + pitch * lane for lane in range(len(shown.lanes))]
    words_at = lifelines[-1] + NODE + BESIDE
    room = int((WIDTH - MARGIN - words_at) / COLUMN)
    heads, y = _legend(shown, top)
    start_of_rows = y
    calls: list[str] = []
    waits = _Waits()
    for row in shown.rows:
        if row.folded:
            y = _fold(calls, y, row.folded)
            continue
        came_from: float | None = None
        for call in row.calls:
            middle = y + ROW_TOP - 2
            arrow = row.arrow if call is row.calls[0] else None
            lines = call_lines(call, room, shown.crossed(arrow))
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
            calls += _call_text(words_at, middle, lines)
            calls += _node(lifelines[call.lane], middle, call, shown.letter(call.lane))
            came_from, y = middle, bottom
    behind = [_lifeline(x, start_of_rows, y + 6) for x in lifelines]
    return [*heads, *behind, *waits.bars(lifelines), *calls], y + 6


def _legend(shown: Ladder, top: float) -> tuple[list[str], float]:
    """Which letter stands for which lane."""
    drawn: list[str] = []
    x = float(MARGIN)
    for letter, title in shown.legend:
        text = f"{letter}  {title}" if letter else title
        width = columns(text) * COLUMN + 24
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, top = MARGIN, top + HEAD + 6
        drawn.append(_box(x, top, width, HEAD - 4))
        drawn.append(_words(x + 12, top + 19, text, "title"))
        x += width + 8
    return drawn, top + HEAD + 6


def _slanted(lifelines: list[int], arrow: Arrow, from_y: float, to_y: float) -> str:
    """From the node of a send down to the node of its receive."""
    start, end = lifelines[arrow.source], lifelines[arrow.target]
    length = ((end - start) ** 2 + (to_y - from_y) ** 2) ** 0.5
    across, down = (end - start) / length, (to_y - from_y) / length
    gap = NODE + 2
    return _arrow(
        start + across * NODE, from_y + down * NODE, end - across * gap, to_y - down * gap
    )


def _stub(x: float, y: float, arrow: Arrow) -> str:
    """A short arrow beside a node: it leaves towards its target, or arrives from its source."""
    ahead = 1 if arrow.target > arrow.source else -1
    if arrow.drawn == "leaving":
        return _arrow(x + ahead * NODE, y, x + ahead * (NODE + 13), y)
    return _arrow(x - ahead * (NODE + 15), y, x - ahead * (NODE + 2), y)


def _node(x: float, y: float, call: Call, letter: str) -> list[str]:
    """The mark of a call in a narrow lane: a circle with the lane's letter."""
    if not letter:
        return [_dot(x, y, call)]
    kind = "failed" if call.event.outcome == "failed" else "node"
    edge = ' stroke-dasharray="3 2"' if call.event.outcome == "waiting" else ""
    drawn = [f'<circle class="{kind}" cx="{_px(x)}" cy="{_px(y)}" r="{NODE}"{edge}/>']
    if call.event.outcome == "failed":
        return [*drawn, _cross(x, y, 4)]
    return [*drawn, _words(x, y + 4, letter, "label title", "middle")]


# Strokes and words


class _Waits:
    """Where lanes stood waiting, from pixel to pixel; parts that touch become one bar."""

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[float, float]]] = {}

    def add(self, lanes: Iterable[int], top: float, bottom: float) -> None:
        for lane in lanes:
            spans = self._spans.setdefault(lane, [])
            if spans and spans[-1][1] >= top:
                top, bottom = spans[-1][0], max(bottom, spans.pop()[1])
            spans.append((top, bottom))

    def bars(self, lifelines: Iterable[int]) -> list[str]:
        return [
            f'<rect class="wait" x="{_px(x - 4.5)}" y="{_px(top)}" width="9" '
            f'height="{_px(bottom - top)}" rx="2"/>'
            for lane, x in enumerate(lifelines)
            for top, bottom in self._spans.get(lane, [])
        ]


def _call_text(x: float, middle: float, lines: list[Line], before: bool = False) -> list[str]:
    """The lines of a call, the first one at the height of its mark.

    They begin at `x`, or, if they stand before it, the longest of them ends there.
    """
    texts = ["".join(text for text, _ in line).rstrip() for line in lines]
    anchor = "end" if before and len(lines) == 1 else "start"
    if before and len(lines) > 1:
        x -= max(map(columns, texts)) * COLUMN
    drawn = []
    for place, (text, line) in enumerate(zip(texts, lines, strict=True)):
        indent = columns(text) - columns(text.lstrip())
        spans = "".join(
            _escape(piece)
            if style == "code"
            else f'<tspan class="{style}">{_escape(piece)}</tspan>'
            for piece, style in _trimmed(line)
        )
        drawn.append(
            f'<text class="code" x="{_px(x + indent * COLUMN)}" '
            f'y="{_px(middle + 4.5 + place * LINE)}"{_anchor(anchor)}'
            f"{_held(text.strip(), COLUMN)}>{spans}</text>"
        )
    return drawn


def _trimmed(line: Line) -> Line:
    """The line without the spaces at its ends: its place says what they said."""
    pieces = [piece for piece in line if piece[0].strip()]
    pieces[0] = (pieces[0][0].lstrip(), pieces[0][1])
    pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
    return pieces


def _words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    column = LABEL_COLUMN if "label" in kind else COLUMN
    return (
        f'<text class="{kind}" x="{_px(x)}" y="{_px(y)}"{_anchor(anchor)}'
        f"{_held(text, column)}>{_escape(text)}</text>"
    )


def _anchor(anchor: str) -> str:
    return "" if anchor == "start" else f' text-anchor="{anchor}"'


def _held(text: str, column: float) -> str:
    """Holds a line to its width if it has characters that a fallback font may draw."""
    if text.replace("→", "").replace(CROSS, "").isascii():
        return ""
    return f' textLength="{_px(columns(text) * column)}" lengthAdjust="spacingAndGlyphs"'


def _fold(drawn: list[str], y: float, folded: int) -> float:
    """A line that says how many calls are left out. Returns where the next row begins."""
    text = f"... {folded:,} calls folded ..."
    width = columns(text) * COLUMN + 28
    drawn.append(_box((WIDTH - width) / 2, y + 8, width, HEAD - 6))
    drawn.append(_words(WIDTH / 2, y + 25, text, "remark", "middle"))
    return y + HEAD + 10


def _box(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="head" x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" '
        f'height="{_px(height)}" rx="8"/>'
    )


def _lifeline(x: float, top: float, bottom: float) -> str:
    return f'<path class="life" d="M{_px(x)} {_px(top)}V{_px(bottom)}"/>'


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="arrow" d="M{_px(x1)} {_px(y1)}L{_px(x2)} {_px(y2)}"/>'


def _cross(x: float, y: float, arm: float) -> str:
    return (
        f'<path class="cross" d="M{_px(x - arm)} {_px(y - arm)}l{2 * arm} {2 * arm}'
        f'm0 {-2 * arm}l{-2 * arm} {2 * arm}"/>'
    )


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
