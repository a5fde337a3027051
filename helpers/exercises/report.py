"""What a check says.

Rules of this file:

- Pure: facts and words in, text out.
- Bytes stand as Python prints them, everything else through `visible`: nothing that a function
  or a peer has made can change the page.
- No number that differs from run to run is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

from helpers.exercises import quotes
from helpers.exercises.blocks import Block, Blocks
from helpers.exercises.evidence import Shown
from helpers.exercises.folder import Folder, Mistake, Words
from helpers.exercises.quotes import Lines
from helpers.exercises.run import LOOPS, NEVER_RESTS
from helpers.exercises.stage import THREAD_ERROR
from helpers.exercises.wording import Wording, check_words
from helpers.ladder.timeline import Timeline
from helpers.live.source import Where
from helpers.particles import filled
from helpers.record.events import Event
from helpers.text import columns, error_text, visible

WIDTH = 72
"""Columns of a value. A longer one is shown around its first wrong byte."""

LINES_SHOWN = 5
"""Lines of what the function printed."""

_SIGNS = {"correct": "✓", "incorrect": "✗", "cannot check": "?", "not attempted": "○"}

State = Literal["passed", "failed", "unknown", "waits"]
PEER_SIGNS: dict[State, str] = {"passed": "✓", "failed": "✗", "unknown": "?", "waits": "·"}
"""How it went with a peer. One that waits comes when those before it have what they need."""


class Help(Protocol):
    """Who can say more: the exercise. A live page has buttons for it."""

    folder: Folder
    hints_given: int
    """So many of its hints were read."""


@dataclass(frozen=True, repr=False)
class Report(Blocks):
    """What a check found. Show it, print it, or ask for its parts.

    `outcome` is "not attempted", "incorrect", "correct" or "cannot check". `timeline` has the
    calls of the scenario that failed.
    """

    exercise: str
    words: Words
    outcome: str
    tried: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """The scenarios that this system cannot play."""
    scenario: str = ""
    """The scenario that failed, by its name in `words.toml`."""
    expected: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    known: Mistake | None = None
    quoted: tuple[Shown, ...] = ()
    """The calls that bear out what the known mistake claims."""
    calls: tuple[Event, ...] = ()
    """Those that the function and its threads have made."""
    lines: Lines = field(default_factory=dict)
    where: Where | None = None
    error: BaseException | None = None
    still_running: bool = False
    out_of_time: bool = False
    """The peers could not do all that they should: what is missing says nothing."""
    forks: bool = False
    """It went on in a child process, of which nothing is seen."""
    events: tuple[Event, ...] = ()
    help: Help | None = None

    has_card = True

    @property
    def peers(self) -> tuple[tuple[str, State], ...]:
        """What each peer does, in the order in which they come, and how it went with it."""
        names = list(self.words.scenarios)
        state: State = "unknown" if self.outcome == "cannot check" else "failed"
        states: list[State] = []
        if self.outcome == "correct":
            states = ["passed" for _ in names]
        elif self.scenario:
            states = ["passed" for _ in names[: names.index(self.scenario)]]
            states.append(state)
        waiting: list[State] = ["waits" for _ in names[len(states) :]]
        peers = [self.words.scenarios[name].peer for name in names]
        return tuple(zip(peers, states + waiting, strict=True))

    @property
    def mistake(self) -> str:
        """The name of the known mistake, or `""`."""
        return self.known.name if self.known else ""

    @cached_property
    def timeline(self) -> Timeline:
        """The ladder of the scenario that failed."""
        return Timeline(self.events)

    def blocks(self) -> Iterator[Block]:
        """What was tried; after a failure what was seen, which mistake it is, what comes next."""
        say = check_words()["report"]
        outcome = check_words()["outcomes"][self.outcome]
        yield "h", f"{_SIGNS[self.outcome]} {self.exercise}: {outcome}"
        if self.outcome == "not attempted":
            yield "p", filled(say["not attempted"], name=self.exercise)
        elif self.outcome == "correct":
            peers = [self.words.scenarios[name].peer for name in self.tried]
            yield "p", filled(say["correct"], count=len(peers), name=self.exercise)
            yield "list", "\n".join(f"✓ {peer}" for peer in peers)
            yield from self._left_out()
        elif not self.scenario:
            yield from self._left_out()
        else:
            yield "p", self.row
            yield from self._failure()

    def _left_out(self) -> Iterator[Block]:
        say = check_words()["report"]["left out"]
        for name in self.left_out:
            yield "p", filled(say, peer=self.words.scenarios[name].peer)

    @property
    def row(self) -> str:
        """The peers as a row of signs, and the same in words: `✓ ✗ ·  1 of 3 peers ...`."""
        states = [state for _, state in self.peers]
        passed, count = states.count("passed"), len(states)
        words = filled(check_words()["report"]["peers"], passed=passed, count=count)
        return f"{' '.join(PEER_SIGNS[state] for state in states)} ({words})"

    def _failure(self) -> Iterator[Block]:
        say = check_words()["report"]
        text = self.words.scenarios[self.scenario]
        yield "p", text.peer
        yield "pre", "\n".join(self._evidence())
        if self.where is not None and self._stands():
            yield "pre", str(self.where)
        elif self.where is not None and self.where.log.strip():
            printed = self.where.log.strip().split("\n")[-LINES_SHOWN:]
            lines = [f"{say['printed']}:", *(f"  {visible(line)}" for line in printed)]
            yield "pre", "\n".join(lines)
        if self.error is not None and not self._stands() and not self._fails_as_it_should:
            shown = error_text(self.error).partition("\n")[0]
            yield "p", filled(say["error"], error=visible(shown[:200]))
        if self.forks:
            yield "p", say["child processes"]
        if self.out_of_time:
            yield "p", say["out of time"]
        if self.still_running:
            yield "p", say["still running"]
        if self.known is not None:
            yield "b", f"{say['mistake']} {self.known.name}."
            if self.quoted:
                yield (
                    "pre",
                    _listed(
                        say["quoted"], [quotes.quote(each, self.lines) for each in self.quoted]
                    ),
                )
            yield "p", self.known.says
            yield "p", f"{say['next']} {self.known.next}"
        else:
            if self.calls and self.facts.get("ended") not in NEVER_RESTS:
                yield "pre", _listed(say["last calls"], quotes.last_calls(self.calls, self.lines))
            yield "p", f"{say['next']} {self._advice() or text.next}"
        yield "p", filled(say["more"], name=self.exercise)

    def _advice(self) -> str:
        """The next step where the function did not end as it should, and nobody knows why."""
        if THREAD_ERROR in self.facts:
            return check_words()["advice"][THREAD_ERROR]
        ended = str(self.facts.get("ended")).partition(" ")[0]
        if self.outcome != "cannot check" and ended not in LOOPS:
            return ""
        return check_words()["advice"].get(ended, "")

    def _stands(self) -> bool:
        """Whether it helps to see the line: the function did not simply return."""
        if self.facts.get("ended") == "returned" or self._fails_as_it_should:
            return False
        return bool(self.where and self.where.places)

    @property
    def _fails_as_it_should(self) -> bool:
        ended = str(self.facts.get("ended"))
        return ended.startswith("raised") and ended == self.expected.get("ended")

    def _evidence(self) -> Iterator[str]:
        """What the peers sent, and the facts that are not as they should be."""
        say = check_words()["report"]
        wording = Wording(self.words)
        yield from quotes.sent(self.events)
        for fact in self._wrong():
            label = wording.name(fact)
            expected, found = (
                wording.value(fact, facts[fact]) if fact in facts else ""
                for facts in (self.expected, self.facts)
            )
            if fact not in self.facts:
                yield f"{label}: {expected}"
                yield f"  {say['nothing']}"
            elif fact not in self.expected:
                yield f"{label}: {found}"
            else:
                yield from _side_by_side(
                    label,
                    (say["expected"], expected),
                    (say["found"], found),
                    caret=isinstance(self.expected[fact], bytes | list) or fact == "returned",
                )

    def _wrong(self) -> list[str]:
        """The facts to show: how it ended, then the first that differs, then what is too many."""
        facts, expected = self.facts, self.expected
        differ = [name for name in expected if name in facts and facts[name] != expected[name]]
        more = [name for name in facts if name not in expected]
        missing = [name for name in expected if name not in facts]
        shown = [name for name in differ if name == "ended"]
        shown += [name for name in differ if name != "ended"][:2]
        shown += more
        return shown or missing[:1]


def _listed(title: str, lines: list[str]) -> str:
    return "\n  ".join([f"{title}:", *lines])


def _side_by_side(
    label: str, first: tuple[str, str], second: tuple[str, str], caret: bool
) -> Iterator[str]:
    """Both values below each other, and a caret under the first character that differs."""
    yield f"{label}:"
    margin = max(columns(first[0]), columns(second[0]))
    index = next(
        (
            index
            for index, (one, other) in enumerate(zip(first[1], second[1], strict=False))
            if one != other
        ),
        min(len(first[1]), len(second[1])),
    )
    for name, value in (first, second):
        shown, at = _window(value, index)
        yield f"  {name}{' ' * (margin - columns(name))}  {shown}"
    if caret:
        yield f"  {' ' * margin}  {' ' * columns(shown[:at])}^"


def _window(value: str, index: int) -> tuple[str, int]:
    """The part of a long text around a character, and where that is in it."""
    if len(value) <= WIDTH:
        return value, index
    start = max(0, index - WIDTH // 2)
    part = value[start : start + WIDTH]
    before, after = ("..." if start else ""), ("..." if start + WIDTH < len(value) else "")
    return f"{before}{part}{after}", index - start + len(before)
