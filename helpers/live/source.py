"""Where a live server stands: its own source, with an arrow at the line.

Rules of this file: a picture is made from plain values and never changes afterwards. Only
`standing` looks at a running thread.
"""

from __future__ import annotations

import html
import inspect
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import Any, Literal

from helpers.libraries import is_library
from helpers.live.target import code_of
from helpers.live.tasks import Step, TaskSeen, TasksSeen
from helpers.live.words import TASKS, WHERE, WORKERS
from helpers.record.frames import frame_of as frame_of
from helpers.text import visible
from helpers.view import View

ARROW = "--->"
LINES_SHOWN = 40
"""A longer function is cut around the arrow."""
LOG_LINES_SHOWN = 10
OTHERS_SHOWN = 8
"""Places at which others stand. More do not fit on a page, and most are alike."""
_SOURCE = "white-space:pre;overflow-x:auto;line-height:1.4;font-family:monospace"
_MARKED = "background:rgba(255,165,0,.28);display:inline-block;min-width:100%"

State = Literal["not started", "running", "waiting", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of source, and the line of it where the thread stands."""

    source: tuple[str, ...]
    first: int
    """The number of its first line, as the cell or the file counts."""
    line: int | None
    """The line where the thread stands; None where it stands nowhere."""

    def text(self) -> list[tuple[bool, str]]:
        """(Is the arrow's line, text) for each line that is shown."""
        numbered = [
            (number == self.line, f"{number:>3}  {visible(line.expandtabs())}".rstrip())
            for number, line in enumerate(self.source, self.first)
        ]
        if len(numbered) <= LINES_SHOWN:
            return numbered
        middle = (self.line or self.first) - self.first
        start = max(0, min(middle - LINES_SHOWN // 2, len(numbered) - LINES_SHOWN))
        shown = numbered[start : start + LINES_SHOWN]
        if start:
            shown.insert(0, (False, "     ..."))
        if start + LINES_SHOWN < len(numbered):
            shown.append((False, "     ..."))
        return shown


@dataclass(frozen=True, slots=True)
class Other:
    """Who else works for the server, and stands at one place: a task or a thread, or several."""

    title: str
    """How many they are, and what they do: `"2 tasks, and each waits in read()"`."""
    places: tuple[Place, ...]

    def text(self) -> list[tuple[bool, str]]:
        """The title, and their source below it."""
        rows = [(False, f"{visible(self.title)}{':' if self.places else ''}")]
        return rows + [row for place in self.places for row in place.text()]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a thread stands, and who else works for it."""

    places: tuple[Place, ...] = ()
    """The function that it was started with, and the learner's innermost one if that is another."""
    others: tuple[Other, ...] = ()

    @property
    def line(self) -> int | None:
        """The line at which the thread is, or waits; None where that is not known."""
        runs = [
            place for other in self.others if other.title == TASKS["runs"] for place in other.places
        ]
        return next((place.line for place in [*self.places, *runs][::-1]), None)


@dataclass(frozen=True, slots=True, repr=False)
class Where(View):
    """What `LiveServer.where` gives: show it, print it, or ask for its parts."""

    name: str
    """The server's function."""
    state: State
    call: str
    """The socket call in which it waits (`"accept"`), or `""`."""
    line: int | None
    """The line where it stands, as the cell or the file counts."""
    reason: str
    """In words: `"waiting in accept() for a client"`."""
    places: tuple[Place, ...] = ()
    log: str = ""
    """What it printed."""
    others: tuple[Other, ...] = ()
    """The tasks of its event loop, if it runs one, and the threads that it has started."""

    def _blocks(self) -> list[tuple[str, list[tuple[bool, str]]]]:
        """What is shown below the first line: each block with its name, for who does not see it."""
        names = (WHERE["source"], WHERE["called"])
        blocks = [(name, place.text()) for name, place in zip(names, self.places, strict=False)]
        blocks += [(each.title, each.text()) for each in self.others]
        printed = self.log.rstrip("\n").split("\n")[-LOG_LINES_SHOWN:] if self.log.strip() else []
        if printed:
            lines = [
                (False, WHERE["printed line"]),
                *((False, f"     {visible(line)}") for line in printed),
            ]
            blocks.append((WHERE["printed"], lines))
        return blocks

    def text(self) -> str:
        """Its state, its source with the arrow, and what it printed."""
        lines = [f"{visible(self.name)}: {visible(self.reason)}"]
        for _, block in self._blocks():
            lines += [f"{ARROW if marked else '':4} {text}".rstrip() for marked, text in block]
        return "\n".join(lines)

    def html(self) -> str:
        """The same, the arrow's line marked with a colour too."""
        parts = [f"<p><b>{_escape(self.name)}</b>: {_escape(self.reason)}</p>"]
        server = _escape(self.name)
        for name, block in self._blocks():
            rows = []
            for marked, text in block:
                row = html.escape(f"{ARROW if marked else '':4} {text}".rstrip())
                rows.append(f'<b style="{_MARKED}">{row}</b>' if marked else row)
            shown = "\n".join(rows)
            label = f'tabindex="0" role="region" aria-label="{server}: {_escape(name)}"'
            parts.append(f'<pre {label} style="{_SOURCE}">{shown}</pre>')
        stands = WHERE("stands", name=server)
        return f'<div role="group" aria-label="{stands}">{"".join(parts)}</div>'


def _escape(text: str) -> str:
    return html.escape(visible(text))


def standing(
    ident: int | None, entry: CodeType | None, threads: Sequence[TaskSeen] = ()
) -> Standing:
    """Where the thread stands: in the function it was started with, and in the function of
    the learner's that this one has called, if it is in one. And the tasks of its event loop, and
    the threads that it has started.
    """
    seen = TasksSeen(ident)
    main = next((each for each in seen.tasks if each.steps[0][0] is entry), None)
    if main is None:
        found = _chosen(seen.thread, entry)  # with the task that runs, if one does
        others = [each for each in seen.tasks if not (found and each.runs)]
        return Standing(found, others_at([*others, *threads]))
    others = [each for each in seen.tasks if each is not main]
    return Standing(_chosen(main.steps, entry), others_at([*others, *threads]))


def others_at(tasks: Sequence[TaskSeen]) -> tuple[Other, ...]:
    """The one that runs comes first. Those that stand at the same place, with no name, are one."""
    counts = Counter(tasks)
    found = [Other(_title(each, count), _ends_of(each.steps)) for each, count in counts.items()]
    found.sort(key=lambda each: each.title != TASKS["runs"])
    left = sum([*counts.values()][OTHERS_SHOWN:])
    more = [Other(TASKS.counted("more", left), ())] if left else []
    return (*found[:OTHERS_SHOWN], *more)


def _title(task: TaskSeen, count: int) -> str:
    if task.runs and not task.name:
        return TASKS["runs"]
    words = WORKERS if task.is_thread else TASKS
    if count > 1:
        return words.counted("each", count, state=task.state)
    return words("named" if task.name else "one", name=task.name, state=task.state)


def _ends_of(steps: Sequence[Step]) -> tuple[Place, ...]:
    return _chosen(steps, steps[0][0])


def places_of_error(trace: TracebackType | None, entry: CodeType | None) -> tuple[Place, ...]:
    """The same for the place where an error was raised."""
    return _chosen([(frame.f_code, line) for frame, line in latest_steps(trace)], entry)


def latest_steps(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The frames through which an error came, the last time that it was raised, and their lines.

    One error may be raised several times, as by each call on a stream that is broken. Each time
    its traceback gets new frames in front.
    """
    seen: set[int] = set()
    for frame, line in traceback.walk_tb(trace):
        if id(frame) in seen:
            return
        seen.add(id(frame))
        yield frame, line


def nowhere(target: Callable[..., Any]) -> Standing:
    """The source alone, for a function that does not run."""
    code = code_of(target)
    place = _place(code, None) if code is not None else None
    return Standing((place,) if place is not None else ())


def _chosen(steps: Sequence[Step], entry: CodeType | None) -> tuple[Place, ...]:
    """The entry function's place and that of the learner's innermost function."""
    starts = [index for index, (code, _) in enumerate(steps) if code is entry]
    if not starts:
        return ()
    below = steps[starts[0] :]
    innermost = below[0]
    for code, line in below[1:]:
        if not is_library(code.co_filename):
            innermost = (code, line)
    wanted = [below[0]] if innermost is below[0] else [below[0], innermost]
    found = [_place(code, line) for code, line in wanted]
    return tuple(place for place in found if place is not None)


def _place(code: CodeType, line: int | None) -> Place | None:
    try:
        source, first = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return None
    return Place(tuple(text.rstrip("\n") for text in source), first or 1, line)
