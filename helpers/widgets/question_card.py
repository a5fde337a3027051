"""The page's side of one question. `question_card.js` draws it."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from helpers.ladder.style import DARK, GOOD, GOOD_IN_THE_DARK, LIGHT
from helpers.widgets.saying import WORDS

_HERE = Path(__file__).resolve().parent
NOTHING = -1
"""The number of no choice."""


def script(*names: str) -> str:
    """Scripts of this folder, behind what all of them share."""
    return "\n".join((_HERE / each).read_text(encoding="utf-8") for each in ("page.js", *names))


def style_sheet(name: str) -> str:
    """A style sheet of this folder, behind the colours of right and wrong: those of the ladders."""
    light = f"--socket-right: {GOOD}; --socket-wrong: {LIGHT['bad']};"
    dark = f"--socket-right: {GOOD_IN_THE_DARK}; --socket-wrong: {DARK['bad']};"
    return (
        f":root {{ {light} }}\n"
        f'[data-jp-theme-light="false"] {{ {dark} }}\n'
        f"{(_HERE / name).read_text(encoding='utf-8')}"
    )


class QuestionCard(anywidget.AnyWidget):
    """What the page is told of a question, and what it tells."""

    _esm = script("question_card.js")
    _css = style_sheet("question_card.css")
    question = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    again = traitlets.Unicode().tag(sync=True)
    """The words of the button when the question is over. None: there is no button then."""
    goes_on = traitlets.Bool(True).tag(sync=True)
    """A number that is pressed selects the next cell. Else it goes to the button."""
    chosen = traitlets.Int(NOTHING).tag(sync=True)
    verdict = traitlets.Unicode().tag(sync=True)
    over = traitlets.Bool(False).tag(sync=True)
    told = traitlets.Int(0).tag(sync=True)
    """Grows when the three above belong together and may be drawn."""
    late = traitlets.Unicode().tag(sync=True)
    """What the page says when no answer comes."""
    gone = traitlets.Unicode().tag(sync=True)
    of_another_day = traitlets.Unicode().tag(sync=True)

    @traitlets.default("late")
    def _late(self) -> str:
        return WORDS["no answer yet"]

    @traitlets.default("gone")
    def _gone(self) -> str:
        return WORDS["gone"]

    @traitlets.default("of_another_day")
    def _of_another_day(self) -> str:
        return WORDS["of_another_day"]
