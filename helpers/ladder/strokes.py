"""The marks that a ladder's picture is made of: boxes, lines, bars and words, as SVG elements.

Rules of this file:

- Pure: numbers and texts in, one element out. Every text goes through `escape`.
- No text is wider than its columns: a line with characters that another font may have to draw
  is held to its width (`textLength`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from helpers.ladder.style import COLUMN, LABEL_COLUMN
from helpers.ladder.wording import CROSS, Line, line_text
from helpers.text import columns

LINE = 18
"""Pixels from line to line."""


class Waits:
    """Where lanes stood waiting, from pixel to pixel; parts that touch become one bar."""

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[float, float]]] = {}

    def add(self, lanes: Iterable[int], top: float, bottom: float) -> None:
        """These lanes stood waiting between two heights."""
        for lane in lanes:
            spans = self._spans.setdefault(lane, [])
            if spans and spans[-1][1] >= top:
                top, bottom = spans[-1][0], max(bottom, spans.pop()[1])
            spans.append((top, bottom))

    def bars(self, lifelines: Iterable[int]) -> list[str]:
        """The hatched bars. `lifelines` are the middles of the lanes."""
        return [
            f'<rect class="wait" x="{px(x - 4.5)}" y="{px(top)}" width="9" '
            f'height="{px(bottom - top)}" rx="2"/>'
            for lane, x in enumerate(lifelines)
            for top, bottom in self._spans.get(lane, [])
        ]


def call_text(x: float, middle: float, lines: list[Line], before: bool = False) -> list[str]:
    """The lines of a call, the first one at the height of its mark.

    They begin at `x`, or, if they stand before it, the longest of them ends there.
    """
    texts = [line_text(line) for line in lines]
    anchor = "end" if before and len(lines) == 1 else "start"
    if before and len(lines) > 1:
        x -= max(map(columns, texts)) * COLUMN
    drawn = []
    for place, (text, line) in enumerate(zip(texts, lines, strict=True)):
        indent = columns(text) - columns(text.lstrip())
        spans = "".join(
            escape(piece) if style == "code" else f'<tspan class="{style}">{escape(piece)}</tspan>'
            for piece, style in _trimmed(line)
        )
        drawn.append(
            f'<text class="code" x="{px(x + indent * COLUMN)}" '
            f'y="{px(middle + 4.5 + place * LINE)}"{_anchor(anchor)}'
            f"{_held(text.strip(), COLUMN)}>{spans}</text>"
        )
    return drawn


def _trimmed(line: Line) -> Line:
    """The line without the spaces at its ends: its place says what they said."""
    pieces = [piece for piece in line if piece[0].strip()]
    pieces[0] = (pieces[0][0].lstrip(), pieces[0][1])
    pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
    return pieces


def words(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    """A text of one line. `kind` is its class in the style sheet; `y` is its base line."""
    column = LABEL_COLUMN if "label" in kind else COLUMN
    return (
        f'<text class="{kind}" x="{px(x)}" y="{px(y)}"{_anchor(anchor)}'
        f"{_held(text, column)}>{escape(text)}</text>"
    )


def _anchor(anchor: str) -> str:
    return "" if anchor == "start" else f' text-anchor="{anchor}"'


def _held(text: str, column: float) -> str:
    """Holds a line to its width if it has characters that a fallback font may draw."""
    if text.replace("→", "").replace(CROSS, "").isascii():
        return ""
    return f' textLength="{px(columns(text) * column)}" lengthAdjust="spacingAndGlyphs"'


def box(x: float, y: float, width: float, height: float) -> str:
    """A box with round corners."""
    return (
        f'<rect class="head" x="{px(x)}" y="{px(y)}" width="{px(width)}" '
        f'height="{px(height)}" rx="8"/>'
    )


def lifeline(x: float, top: float, bottom: float) -> str:
    """The line of a lane, downwards."""
    return f'<path class="life" d="M{px(x)} {px(top)}V{px(bottom)}"/>'


def arrow_line(x1: float, y1: float, x2: float, y2: float) -> str:
    """A line with a tip at its second end."""
    return f'<path class="arrow" d="M{px(x1)} {px(y1)}L{px(x2)} {px(y2)}"/>'


def cross(x: float, y: float, arm: float) -> str:
    """The mark of a failed call."""
    return (
        f'<path class="cross" d="M{px(x - arm)} {px(y - arm)}l{2 * arm} {2 * arm}'
        f'm0 {-2 * arm}l{-2 * arm} {2 * arm}"/>'
    )


def escape(text: str) -> str:
    """The text without a mark of XML. Quotes too: it may stand in an attribute."""
    return html.escape(text, quote=False).replace('"', "&quot;")


def px(value: float) -> str:
    """A number of pixels, to a tenth of one."""
    return f"{value:.1f}".removesuffix(".0")
