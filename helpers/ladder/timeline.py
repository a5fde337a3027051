"""The timeline: socket calls as a ladder diagram, in text and in SVG.

Rules of this file:

- Pure: events in, text out. No thread, no clock, no real socket, no IPython.
- The text comes first. It is what tests compare, what a screen reader reads and what a
  terminal shows: never wider than asked for, whatever the learner's names and data are.
- No number of an event or a socket is shown; they differ from run to run.
- What came off the wire is shown as `repr` or through `visible`, never raw.

Theory of operation. `ladder.ladder` decides what stands in which row. This file says each call
in words (`call_lines`) and draws the rows with characters that are one column wide:

- two lanes: the calls of each side at its margin, arrows in the middle;
- one lane, or three and more: a narrow column for each lane at the left, as in
  `git log --graph`, and the calls in one column at the right.

`svg.draw` places the same words on a card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helpers.ladder import svg
from helpers.ladder.build import (
    CROSS,
    Arrow,
    Call,
    Ladder,
    Line,
    Row,
    Style,
    count,
    ladder,
)
from helpers.record.events import Event
from helpers.text import columns, cut, pad, visible
from helpers.view import View

NARROWEST = 48
"""The smallest width in columns. A smaller one that is asked for is taken as this."""

DATA_COLUMNS = 22
"""Data whose repr is wider than this is cut, and its length is given."""

LONGEST_VALUE = 160
"""Characters of an argument or an error's message. No address is as long as that."""


@dataclass(frozen=True, repr=False)
class Timeline(View):
    """What each side did, in causal order: a ladder of calls.

    In a notebook it shows itself as a picture (SVG). `print(...)` or `text()` gives the same
    in characters. `dropped` is the number of earlier events that the recorder has forgotten.
    """

    events: tuple[Event, ...]
    dropped: int = 0

    def text(self, width: int = 80) -> str:
        """The ladder in characters, no line wider than `width` columns (at least 48)."""
        return "\n".join(line.rstrip() for line in _text(self._ladder, max(width, NARROWEST)))

    def svg(self) -> str:
        """The ladder as one SVG picture, for light and dark pages."""
        return svg.draw(self._ladder, call_lines)

    @property
    def summary(self) -> str:
        """The lanes by their names, and the number of calls."""
        return svg.summary(self._ladder)

    @cached_property
    def _ladder(self) -> Ladder:
        return ladder(self.events, self.dropped)


# A call in words

_RECEIVES = frozenset({"recv", "recvmsg", "recvfrom", "recv_into", "recvmsg_into", "recvfrom_into"})
_SENDS = frozenset({"send", "sendall", "sendmsg", "sendto"})
_WAITS_FOR = {
    "accept": "a client",
    "connect": "an answer",
    "recvfrom": "a datagram",
    "recvfrom_into": "a datagram",
    **dict.fromkeys(_RECEIVES - {"recvfrom", "recvfrom_into"}, "data"),
    **dict.fromkeys(_SENDS, "room to send"),
}


def call_lines(call: Call, width: int, crossed: str = "") -> list[Line]:
    """The call in words, in lines of at most `width` columns; `crossed` is said at the end.

    A line is broken between arguments and before the result, so that an address stays whole
    wherever it fits in a line of its own.
    """
    lines: list[Line] = [[]]
    used = 0
    words = list(_words(call))
    if crossed:
        words.append((f"  {crossed}", "crossed"))
    for text, style in words:
        for piece in _pieces(text, width - 2):
            if not piece.strip():
                continue
            if used and used + columns(piece.rstrip()) > width:
                lines.append([("  ", "code")])
                used = 2
                piece = piece.lstrip()
            lines[-1].append((piece, style))
            used += columns(piece)
    return lines


def _pieces(text: str, width: int) -> Iterator[str]:
    """The text whole if it fits; else broken at its spaces, and inside a word if need be."""
    if columns(text.strip()) <= width:
        yield text
        return
    for word in re.findall(r"\s*\S+\s*", text):
        piece, used = "", 0
        for each in word:
            if used + columns(each) > width:
                yield piece
                piece, used = "", 0
            piece += each
            used += columns(each)
        yield piece


def _words(call: Call) -> Iterator[tuple[str, Style]]:
    event = call.event
    owner = "socket" if event.call in ("socket", "socketpair") else call.name
    data, length = _data(event)
    arguments = [_value(argument) for argument in event.arguments]
    if event.call in _SENDS:
        empty = event.call != "sendmsg" and event.outcome == "done"
        arguments.insert(0, data if event.data or empty else "...")
    yield f"{owner}.{visible(event.call)}({'' if arguments else ')'}", "code"
    for place, argument in enumerate(arguments, 1):
        yield argument + (")" if place == len(arguments) else ", "), "code"
    if event.outcome == "done":
        for text in _result(call, data):
            yield text, "code"
    if length and event.result != event.size:
        yield f" ({length})", "remark"
    if event.outcome == "waiting":
        purpose = _WAITS_FOR.get(event.call)
        yield f" (waits for {purpose})" if purpose else " (waits)", "remark"
    elif call.waited:
        yield " (waited)", "remark"
    if event.outcome == "failed":
        name, colon, message = event.error.partition(":")
        message = re.sub(r"\[(Errno|WinError) -?\d+\] ", "", " ".join(message.split()))
        yield f" {CROSS} failed:", "bad"
        yield f" {_value_text(name)}{colon}", "bad"
        yield f" {_value_text(message)}", "bad"
    if event.note:
        yield f" ({_value_text(event.note)})", "remark"


def _result(call: Call, data: str) -> Iterator[str]:
    """What the call returned, in the pieces in which a line may be broken."""
    event = call.event
    if event.call in ("recv", "recvmsg"):
        yield f" → {data}"
    elif event.call == "recvfrom":
        known = event.result if isinstance(event.result, tuple) else event.peer
        yield f" → {data}" if known is None else f" → ({data}, "
        if known is not None:
            yield f"{_value(known)})"
    elif event.call == "accept":
        yield f" → {call.made[0] if call.made else 'a new socket'}"
    elif call.made:
        yield f" → {', '.join(call.made)}"
    elif event.result is not None:
        yield f" → {_value(event.result)}"
        if event.call in _RECEIVES:
            yield f" ({data})"


def _data(event: Event) -> tuple[str, str]:
    """The data as Python prints it, and its length where it had to be cut."""
    shown = event.data
    if len(shown) == event.size and len(repr(shown)) <= DATA_COLUMNS:
        return repr(shown), ""
    shown = shown[:DATA_COLUMNS]
    while len(repr(shown)) + len("...") > DATA_COLUMNS:
        shown = shown[:-1]
    return f"{shown!r}...", count(event.size) if event.size else ""


def _value(value: Any) -> str:
    return _value_text(repr(value))


def _value_text(text: str) -> str:
    return visible(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}...")


# Characters


def _text(shown: Ladder, width: int) -> Iterator[str]:
    yield from shown.notes
    if len(shown.lanes) == 2:
        yield from _two_lanes(shown, width)
    elif shown.lanes:
        yield from _graph(shown, width)


def _flat(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()


def _two_lanes(shown: Ladder, width: int) -> Iterator[str]:
    """Calls at both margins, lifelines and arrows between them."""
    labels = (row.arrow.label for row in shown.rows if row.arrow)
    middle = max(14, min(24, max(map(len, labels), default=0) + len("── ") * 2 + 1))
    side = (width - middle - len(" ││ ")) // 2
    left, right = (cut(lane.title, side) for lane in shown.lanes)
    yield f"{pad(left, side)} {' ' * (middle + 2)} {right}"
    yield f"{'─' * (side + 1)}┐{' ' * middle}┌{'─' * (side + 1)}"
    for row in shown.rows:
        if row.folded:
            yield f"{_folded(row):^{width}}"
            continue
        lines: list[list[Line]] = [[], []]
        for call in row.calls:
            lines[call.lane] = call_lines(call, side)
        for place in range(max(map(len, lines))):
            texts = [_flat(each[place]) if place < len(each) else "" for each in lines]
            waiting = row.waiting | {call.lane for call in row.calls if call.waited and not place}
            first, last = ("░" if lane in waiting else "│" for lane in (0, 1))
            gap = _arrow(row.arrow, middle) if row.arrow and not place else " " * middle
            yield f"{pad(texts[0], side)} {first}{gap}{last} {texts[1]}"


def _folded(row: Row) -> str:
    return f"... {row.folded:,} calls folded ..."


def _arrow(arrow: Arrow, width: int) -> str:
    """`── 5 bytes ───►`. One that only leaves, or only arrives, does not span the width."""
    label = f" {arrow.label} " if len(arrow.label) <= width - 5 else ""
    length = width if arrow.drawn == "whole" else max(width - 3, len(label) + 3)
    rightwards = arrow.source < arrow.target
    line = f"{label:─^{length - 1}}►" if rightwards else f"◄{label:─^{length - 1}}"
    at_the_left = rightwards == (arrow.drawn == "leaving")
    return line.ljust(width) if at_the_left else line.rjust(width)


def _graph(shown: Ladder, width: int) -> Iterator[str]:
    """A narrow column for each lane at the left, the calls at the right."""
    lanes = len(shown.lanes)
    yield from _heads(shown, width)
    for row in shown.rows:
        if row.folded:
            yield "┊  " * lanes + _folded(row)
            continue
        for call in row.calls:
            first = call is row.calls[0]
            arrow = row.arrow if first else None
            letter = f"{shown.letter(call.lane)} ".lstrip()
            room = width - 3 * lanes - len(letter)
            lines = call_lines(call, room, shown.crossed(arrow))
            waiting = row.waiting | {each.lane for each in row.calls if each.waited and first}
            marks = ["░" if lane in waiting else "│" for lane in range(lanes)]
            own = {"done": "●", "failed": CROSS, "waiting": "░"}[call.event.outcome]
            yield _graph_marks(marks, call.lane, own, arrow) + letter + _flat(lines[0])
            marks = ["░" if lane in row.waiting else "│" for lane in range(lanes)]
            for line in lines[1:]:
                yield "".join(f"{mark}  " for mark in marks) + " " * len(letter) + _flat(line)


def _heads(shown: Ladder, width: int) -> Iterator[str]:
    line = ""
    for letter, title in shown.legend:
        entry = f"{letter} {title}".strip()
        if line and columns(line + entry) > width:
            yield line
            line = ""
        line += f"{entry}   "
    yield line
    letters = "".join(f"{letter}  " for letter, _ in shown.legend)
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
