"""What a ladder says in words. Text and picture say the same.

Rules of this file:

- Pure: parts of a `Ladder` in, text out. No number of an event or a socket is shown; they
  differ from run to run.
- What came off the wire is shown as `repr` or through `visible`, never raw.
- A width is a number of columns of a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from helpers.ladder.build import Ladder, LaneCall
from helpers.ladder.crossings import Arrow
from helpers.ladder.lanes import Lane
from helpers.ladder.saying import CALL, LADDER, LANE, NOTE, PURPOSE
from helpers.record.events import Event
from helpers.record.methods import RECEIVING, SENDING
from helpers.text import columns, counted, cut, graphemes, visible, wrapped

CROSS = "\N{MULTIPLICATION SIGN}"
"""The mark of a failed call."""

TITLE_COLUMNS = 28
"""Columns of a lane's title in a legend."""

DATA_COLUMNS = 22
"""Data whose repr is wider than this is cut, and its length is given."""

LONGEST_VALUE = 160
"""Characters of an argument or an error's message. No address is as long as that."""

Style = Literal["code", "remark", "bad", "crossed"]

Line = list[tuple[str, Style]]
"""One line of a call's text, in pieces of one style each."""

_NUMBERS = 10
"""So many numbers are written as words: those below it."""

_WAITS_FOR = {
    "accept": "client",
    "connect": "answer",
    "do_handshake": "side",
    "unwrap": "side",
    **dict.fromkeys(RECEIVING, "data"),
    **dict.fromkeys(SENDING, "room"),
    "recvfrom": "datagram",
    "recvfrom_into": "datagram",
}


# The ladder as a whole


def notes(shown: Ladder, width: int) -> list[str]:
    """What is to be said before the first row, in lines of at most `width` characters."""
    said = []
    if shown.dropped:
        said.append(LADDER("dropped", calls=counted(shown.dropped, "earlier call")))
    if not shown.rows:
        said.append(LADDER["no calls"])
        said += wrapped(shown.remark, width)
    return said


def summary(shown: Ladder) -> str:
    """What the picture shows, in one sentence: for those who hear it."""
    if not shown.rows:
        return f"{LADDER['no calls']} {shown.remark}".rstrip()
    lanes = len(shown.lanes)
    number = LADDER[f"numbers.{lanes}"] if lanes < _NUMBERS else str(lanes)
    *first, last = (lane.title for lane in shown.lanes)
    names = LADDER("names", first=", ".join(first), last=last) if first else last
    calls = counted(shown.calls, "call")
    return LADDER.counted("lanes", lanes, number=number, names=names, calls=calls)


def legend(shown: Ladder) -> list[tuple[str, str]]:
    """The letter of each lane, and its title."""
    return [(shown.letter(place), _title(lane)) for place, lane in enumerate(shown.lanes)]


def _title(lane: Lane) -> str:
    title = cut(lane.title, TITLE_COLUMNS)
    return LANE("folded", title=title, count=f"{lane.folded:,}") if lane.folded else title


def crossed(shown: Ladder, arrow: Arrow | None) -> str:
    """What crossed, for views in which the arrow has no room for it."""
    if arrow is None:
        return ""
    if arrow.drawn == "arriving":
        return f"◄── {arrow.label} ── {shown.letter(arrow.source)}"
    return f"── {arrow.label} ──► {shown.letter(arrow.target)}"


def new() -> str:
    """What stands above the calls that somebody has not seen yet."""
    return LADDER["new"]


def folded(calls: int) -> str:
    """What stands in the place of calls that are left out."""
    return LADDER("folded", count=f"{calls:,}")


# One call


def call_lines(call: LaneCall, width: int, crossed: str = "") -> list[Line]:
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


def line_text(line: Line) -> str:
    """The line without its styles, and without spaces at its end."""
    return "".join(text for text, _ in line).rstrip()


def _pieces(text: str, width: int) -> Iterator[str]:
    """The text whole if it fits; else broken at its spaces, and inside a word if need be."""
    if columns(text.strip()) <= width:
        yield text
        return
    for word in re.findall(r"\s*\S+\s*", text):
        piece, used = "", 0
        for each in graphemes(word):
            if used + columns(each) > width:
                yield piece
                piece, used = "", 0
            piece += each
            used += columns(each)
        yield piece


def _words(call: LaneCall) -> Iterator[tuple[str, Style]]:
    event = call.event
    data, length = _data(event)
    yield from _call(call, data)
    if event.outcome == "done":
        for text in _result(call, data):
            yield text, "code"
    if length and event.result != event.size:
        yield f" ({length})", "remark"
    if event.outcome == "waiting":
        yield f" ({_waits(event)})", "remark"
    elif call.waited:
        yield f" ({CALL['waited']})", "remark"
    if event.outcome == "failed":
        name, colon, message = event.error.partition(":")
        message = re.sub(r"\[(Errno|WinError) -?\d+\] ", "", " ".join(message.split()))
        yield f" {CROSS} {CALL['failed']}", "bad"
        yield f" {_value_text(name)}{colon}", "bad"
        yield f" {CALL['by stop'] if name == 'Stopped' else _value_text(message)}", "bad"
        if name == "TimeoutError" and event.limit:
            yield f" {CALL('after', limit=_limit(event.limit))}", "bad"
    if event.lost:
        yield f" {CROSS} {CALL['lost']}", "bad"
    if event.note:
        yield f" ({_value_text(_note(event.note))})", "remark"


def _waits(event: Event) -> str:
    purpose = _WAITS_FOR.get(event.call)
    said = {"purpose": PURPOSE[purpose]} if purpose else {}
    key = "waits for" if purpose else "waits"
    if not event.limit:
        return CALL(key, **said)
    return CALL(f"{key} at most", limit=_limit(event.limit), **said)


def _note(note: str) -> str:
    """A remark of the recorder in the language of now. In the event it stands in English."""
    if note.startswith("by "):
        return NOTE("by", function=note.removeprefix("by "))
    return NOTE.all().get(note, note)


def _call(call: LaneCall, data: str) -> Iterator[tuple[str, Style]]:
    """The call as the learner wrote it, in the pieces between which a line may be broken."""
    event = call.event
    owner = "socket" if event.call in ("socket", "socketpair") else call.name
    arguments = [_value(argument) for argument in event.arguments]
    if event.call == "wrap_socket":  # a method of an ssl.SSLContext
        owner, arguments = "context", [owner, *arguments]
    if event.call in SENDING:
        empty = event.call != "sendmsg" and event.outcome == "done"
        arguments.insert(0, data if event.data or empty else "...")
    yield f"{owner}.{visible(event.call)}({'' if arguments else ')'}", "code"
    for place, argument in enumerate(arguments, 1):
        yield argument + (")" if place == len(arguments) else ", "), "code"


def _result(call: LaneCall, data: str) -> Iterator[str]:
    """What the call returned, in the pieces in which a line may be broken."""
    event = call.event
    if event.call in ("recv", "recvmsg") or (event.call == "read" and event.result is None):
        yield f" → {data}"
    elif event.call == "recvfrom":
        known = event.result if isinstance(event.result, tuple) else event.peer
        yield f" → {data}" if known is None else f" → ({data}, "
        if known is not None:
            yield f"{_value(known)})"
    elif event.call == "accept":
        yield f" → {call.made[0] if call.made else CALL['new socket']}"
    elif call.made:
        yield f" → {', '.join(call.made)}"
    elif event.result is not None:
        yield f" → {_value(event.result)}"
        if event.call in RECEIVING:
            yield f" ({data})"


def _data(event: Event) -> tuple[str, str]:
    """The data as Python prints it, and its length where it had to be cut."""
    shown = event.data
    if len(shown) == event.size and len(repr(shown)) <= DATA_COLUMNS:
        return repr(shown), ""
    shown = shown[:DATA_COLUMNS]
    while len(repr(shown)) + len("...") > DATA_COLUMNS:
        shown = shown[:-1]
    return f"{shown!r}...", counted(event.size, "byte") if event.size else ""


def _limit(limit: float) -> str:
    """A time limit, rounded: what is left of a deadline is never the same."""
    return CALL("seconds", seconds=f"{limit:.2g}" if limit < 10 else f"{limit:.4g}")


def _value(value: Any) -> str:
    return _value_text(repr(value))


def _value_text(text: str) -> str:
    return visible(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}...")
