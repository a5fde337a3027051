"""The card of a report in a live page: its peers as a row, and buttons for what helps next.

Rules of this file:

- The card says what the report says (`exercises/report.py`), block by block. Where that names what
  to call for more, the card has buttons: hints, the calls, a solution. All of that is in the page
  from the start, so a button answers at once, also when the kernel is busy or gone.
- Only the card knows the learner: which hints were read, how many exercises are passed.
- Programs have colours. What they are is said by the text itself.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.course import progress_store
from helpers.course.lessons import LESSONS
from helpers.exercises import discovery
from helpers.exercises.blocks import Block, Blocks, block_html
from helpers.exercises.folder import Folder
from helpers.exercises.report import PEER_SIGNS, Report
from helpers.exercises.wording import check_words
from helpers.particles import filled
from helpers.toml_file import read_toml
from helpers.view import SCROLLS, View
from helpers.widgets.question_card import script, style_sheet
from helpers.widgets.showing import is_notebook, view_of

_HERE = Path(__file__).resolve().parent


class CheckCard(anywidget.AnyWidget):
    """The page's side of one report. `check_card.js` draws it. All but `words` is HTML."""

    _esm = script("check_card.js")
    _css = style_sheet("check_card.css")
    outcome = traitlets.Unicode().tag(sync=True)
    head = traitlets.Unicode().tag(sync=True)
    peers = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    """A sign, what it says in words, and what the peer does; of each peer, as plain text."""
    body = traitlets.Unicode().tag(sync=True)
    hints = traitlets.List(traitlets.Unicode()).tag(sync=True)
    given = traitlets.Int().tag(sync=True)
    """So many hints were read. The page counts on."""
    calls = traitlets.Unicode().tag(sync=True)
    solution = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


def card_words() -> dict[str, str]:
    """What is said on the card alone. Raises BadFile."""
    return dict(read_toml(_HERE / "check_card.toml", dict[str, str]))


def forms_of(shown: View) -> dict[str, Any]:
    """What shows the card of a report or of a message; nothing where there is no live page."""
    if not is_notebook():
        return {}
    card = report_card(shown) if isinstance(shown, Report) else message_card(shown)
    return view_of(card)


def message_card(shown: View) -> CheckCard:
    """A hint or a solution, with its program in colours."""
    assert isinstance(shown, Blocks)
    head, *body = shown.blocks()
    return CheckCard(head=escape(head[1]), body=_html(body))


def report_card(report: Report) -> CheckCard:
    """What a check found, with its buttons."""
    (_, title), *body = report.blocks()
    words = card_words()
    card = CheckCard(outcome=report.outcome, head=escape(title), words=words)
    if report.outcome != "not attempted":
        card.peers = [
            [PEER_SIGNS[state], words[f"peer {state}"], peer] for peer, state in report.peers
        ]
        more = filled(check_words()["report"]["more"], name=report.exercise)
        body = [block for block in body if block[1] not in (report.row, more)]
    if report.outcome == "correct":
        body = [block for block in body if block[0] != "list"]
    helper = report.help
    if helper is not None:
        if report.outcome != "correct":
            card.hints = [_html([("p", hint)]) for hint in helper.folder.words.hints]
            card.given = min(helper.hints_given, len(card.hints))
            card.observe(lambda change: setattr(helper, "hints_given", change["new"]), "given")
        if report.outcome != "not attempted":
            card.solution = _solution(helper.folder)
    if report.events and report.outcome != "correct":
        card.calls = report.timeline.html()
    after = _what_is_next(report) if report.outcome == "correct" else ""
    card.body = _html(body) + after
    return card


def _solution(folder: Folder) -> str:
    """A solution with its reason, and another way."""
    words = folder.words
    another = check_words()["report"]["another way"]
    return _html(
        [
            ("p", words.solution.why),
            ("code", folder.program("solution").strip("\n")),
            ("p", f"{another} {words.other_way.why}"),
            ("code", folder.program("other_way").strip("\n")),
        ]
    )


def _what_is_next(report: Report) -> str:
    """How many exercises this learner has passed, and where to go on."""
    say = card_words()
    all_of_them = discovery.folders()
    passed = progress_store.load().exercises
    done = filled(say["passed"], done=len(passed & set(all_of_them)), count=len(all_of_them))
    lines = [escape(done)] if report.exercise in all_of_them else []
    numbers = [each.number for each in LESSONS]
    here = report.words.lesson
    left = [name for name in discovery.of_lesson(here) if name not in passed]
    if left:
        name = f"<code>{escape(left[0])}</code>"
        lines.append(f"{escape(say['next'])} {filled(escape(say['next here']), name=name)}.")
    elif here in numbers[:-1]:
        lesson = LESSONS[numbers.index(here) + 1]
        title = escape(f"{lesson.number} {lesson.said_title}")
        lines.append(f'{escape(say["next"])} <a href="{escape(lesson.file)}">{title}</a>')
    return "".join(f"<p>{line}</p>" for line in lines)


def _html(blocks: list[Block]) -> str:
    return "".join(_in_colours(*each) if each[0] == "code" else block_html(each) for each in blocks)


def _in_colours(_: str, program: str) -> str:
    """A program, each word of it with a class of Pygments: `k` for a keyword."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    marked = highlight(program, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre class="socket-code" style="white-space:pre;{SCROLLS}" tabindex="0">{marked}</pre>'
