"""What the record of a run says, in words: who sent what, and the calls of the function.

Rules of this file:

- Pure: events in, text out. Each call stands with the learner's line, where that is known.
- Bytes stand as Python prints them, everything else through `visible`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from helpers.exercises.call_log import Line
from helpers.exercises.evidence import Shown
from helpers.exercises.wording import check_words, find
from helpers.particles import filled
from helpers.record.events import Event
from helpers.record.methods import RECEIVING, SENDING
from helpers.text import visible

CHUNKS_SHOWN = 6

PIECE_SHOWN = 24

ALIKE = 3
"""So many pieces in a row that are the same stand each for itself."""

SENDERS_SHOWN = 4

LAST_CALLS = 4
"""Calls that are shown where no known mistake explains them."""

_NOBODY = Line(0, "")

Lines = Mapping[int, Line]
"""The learner's line of each call, by its number."""


def sent(events: Sequence[Event]) -> Iterator[str]:
    """What each peer sent, in the pieces in which it was sent."""
    words = check_words()["report"]
    senders = sent_by(events)
    for pieces in senders[:SENDERS_SHOWN]:
        runs = [(piece, len([*each])) for piece, each in itertools.groupby(map(_piece, pieces))]
        shown = [_times(*each) for each in runs[:CHUNKS_SHOWN]]
        if len(runs) > CHUNKS_SHOWN:
            shown.append(filled(words["more pieces"], count=len(pieces)))
        yield f"{filled(words['sent'], who=_who(pieces[0].name))}: {', '.join(shown)}"
    if len(senders) > SENDERS_SHOWN:
        yield filled(words["more senders"], count=len(senders) - SENDERS_SHOWN)


def sent_by(events: Sequence[Event]) -> list[list[Event]]:
    """What the peers sent: the events of one peer after those of another, who began first."""
    senders: dict[int, list[Event]] = {}
    for event in events:
        if event.actor.kind == "cell" and event.call in ("send", "sendall") and event.size:
            senders.setdefault(event.socket, []).append(event)
    return list(senders.values())


def peer_words(name: str) -> str | None:
    """`client_3` of the words `client_{}` is the peer with the name "client 3"."""
    return find(name.replace(" ", "_"), check_words()["who"])


def _who(name: str) -> str:
    return peer_words(name) or visible(name)


def quote(shown: Shown, lines: Lines) -> str:
    """One claim: a call, or a close() that came in between another call."""
    words = check_words()["calls"]
    first, last = shown[0], shown[-1]
    here, there = (lines.get(event.number, _NOBODY) for event in (first, last))
    if first is last or not (here.number and there.number):
        return "; ".join(call_text(event, lines) for event in shown)
    says = words["closed while" if last.outcome == "waiting" else "closed before"]
    return visible(
        filled(
            says,
            line=here.number,
            name=first.name or words["a socket"],
            function=there.function,
            call=last.call,
            at=there.number,
            error=last.error,
        )
    )


def last_calls(calls: Sequence[Event], lines: Lines) -> list[str]:
    """The calls that the function made last."""
    own = [event for event in calls if not event.note]  # not: Python collected it
    return [call_text(event, lines) for event in own[-LAST_CALLS:]]


def call_text(event: Event, lines: Lines) -> str:
    """One call: `line 4: sock.recv(4096) → b'1'`."""
    words = check_words()["calls"]
    given = ", ".join(f"{each!r:.40}" for each in event.arguments)
    if event.call in SENDING:
        given = f"{_piece(event)}, {given}" if given else _piece(event)
    called = f"{event.name}.{event.call}({given})" if event.name else f"{event.call}({given})"
    if event.outcome == "failed":
        called = f"{called}: {event.error}"
    elif event.outcome == "waiting":
        called = filled(words["waits"], call=called)
    elif event.call in RECEIVING:
        called = f"{called} → {_piece(event)}"
    line = lines.get(event.number)
    return visible(filled(words["at"], line=line.number, call=called) if line else called)


def _times(piece: str, count: int) -> str:
    """A piece, or the same one several times in a row."""
    if count <= ALIKE:
        return ", ".join([piece] * count)
    return filled(check_words()["report"]["a piece again"], piece=piece, count=count)


def _piece(event: Event) -> str:
    if event.size <= PIECE_SHOWN:
        return repr(event.data)
    words = check_words()["report"]["a long piece"]
    return filled(words, data=repr(event.data[:PIECE_SHOWN]), size=event.size)
