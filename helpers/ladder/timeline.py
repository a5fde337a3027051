"""The timeline: socket calls as a ladder diagram, in text and in SVG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from helpers.ladder import characters, svg, text, wording
from helpers.ladder.build import Ladder, ladder, marked
from helpers.ladder.saying import LADDER, WORDS
from helpers.record.events import Event
from helpers.text import HALF
from helpers.view import View, picture_html, words_html


@dataclass(frozen=True, repr=False)
class Timeline(View):
    """What each side did, in causal order: a ladder of calls.

    In a notebook it shows itself as a picture (SVG). `print(...)` or `text()` gives the same
    in characters. `dropped` is the number of earlier events that the recorder has forgotten,
    `remark` what is to be said where there is no event. Calls after the Lamport time `since`
    are marked as new. Where clients are `chosen`, by the numbers of their sockets, each with
    its address, all others are folded into one lane.
    """

    events: tuple[Event, ...]
    dropped: int = 0
    remark: str = ""
    since: int | None = None
    chosen: Mapping[int, Any] | None = None

    def text(self, width: int = 80) -> str:
        """The ladder in characters, no line wider than `width` columns (at least 48)."""
        return text.draw(self._ladder, width)

    def svg(self) -> str:
        """The ladder as one SVG picture, for light and dark pages."""
        return svg.draw(self._ladder)

    def html(self) -> str:
        """The picture as an image with its name, and below it the ladder in characters, folded.

        Bytes that are UTF-8, and not ASCII, are shown there as what they say, too.
        """
        return picture_html(
            self.svg(), LADDER("name and summary", summary=self.summary), self.words_html()
        )

    def words_html(self) -> str:
        """The ladder in characters; below it what the bytes say, where that is not ASCII."""
        words = words_html(self.text(), LADDER["name"])
        said = characters.lines(self.events)
        if said:
            words += f"<p>{WORDS['characters']}</p>{words_html(said, WORDS['region'])}"
        if HALF in said:
            words += f"<p>{WORDS('half', half=HALF)}</p>"
        return words

    @property
    def summary(self) -> str:
        """The lanes by their names, and the number of calls."""
        return wording.summary(self._ladder)

    @cached_property
    def _ladder(self) -> Ladder:
        shown = ladder(self.events, self.dropped, self.remark, self.chosen)
        return shown if self.since is None else marked(shown, self.since)
