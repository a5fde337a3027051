"""What a view is: something that shows itself, in words and perhaps in a picture.

Rules of this file:

- The words come first. Every view has `text()`: a terminal, a screen reader and the tests have
  nothing else. `html()` and `svg()` say the same words again, and a view may lack both.
- A picture never comes alone. JupyterLab shows an SVG as an image without any words, and in a
  notebook that is not trusted it shows none. So a view with a picture has HTML, too: an image
  with its name, and the text below it, folded (`picture_html`).
- A picture is as wide as it is, everywhere, and scrolls where there is less room: its smallest
  letters stay readable.
- What a view has is in `forms()`, by MIME type. Nobody else makes a MIME bundle.
- Pure: no IPython, no widget. What only a live page can show is added in `widgets/showing.py`, and
  for views that know no widget by `in_live_page`, which `%load_ext helpers` sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.words import Words

WORDS = Words(Path(__file__).with_suffix(".toml"))
TEXT, HTML, SVG = "text/plain", "text/html", "image/svg+xml"


def no_card(_: View) -> dict[str, Any]:
    """Where there is no live page."""
    return {}


in_live_page: Callable[[View], dict[str, Any]] = no_card
"""What a live page shows in the place of a view that has a card, by MIME type."""


class View:
    """Shows itself in a notebook, in a terminal and to `print`. A subclass gives `text`.

    A dataclass that is a view is declared with `repr=False`: its text is what it shows.
    """

    __slots__ = ()

    has_card = False
    """Whether a live page has a card for it, with buttons."""

    def text(self) -> str:
        """The view in characters of one width."""
        raise NotImplementedError

    def html(self) -> str:
        """The view as HTML, all that is not its own escaped; "" if it has no such form."""
        svg = self.svg()
        return picture_html(svg, self.summary, words_html(self.text())) if svg else ""

    def svg(self) -> str:
        """The view as one SVG picture; "" if it has no such form."""
        return ""

    @property
    def summary(self) -> str:
        """The view in one line: its name where it is not seen."""
        return self.text().partition("\n")[0]

    def forms(self) -> dict[str, Any]:
        """All forms that the view has, by MIME type."""
        shown = {TEXT: self.text(), HTML: self.html(), SVG: self.svg()}
        forms = {kind: form for kind, form in shown.items() if form or kind == TEXT}
        return forms | (in_live_page(self) if self.has_card else {})

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """What IPython asks for: the forms, only those in `include`, none of `exclude`."""
        forms = self.forms()
        wanted = set(forms if include is None else include) - set(exclude or ())
        return {kind: form for kind, form in forms.items() if kind in wanted}


SCROLLS = "overflow-x:auto;max-width:100%"
"""The style of what may be wider than the page: it scrolls by itself, and not the page."""


def picture_html(svg: str, name: str, words: str = "") -> str:
    """An SVG picture as an image whose name is said, and below it `words` (HTML), folded.

    Its text stays readable in the `data:` address, so that what may differ from run to run (a
    port) can be told from the rest. As an image it can run no script, and fetch nothing.
    """
    source = escape(quote(svg, safe=" '(),:;/=.-_!?*&@[]{}|"))
    alt = escape(name)
    summary = escape(WORDS["as_text"])
    folded = f"<details><summary>{summary}</summary>{words}</details>" if words else ""
    image = f'<img style="max-width:none" alt="{alt}" src="data:image/svg+xml;utf8,{source}">'
    return f"{scrolling_html(image, WORDS['picture'])}{folded}"


def scrolling_html(inside: str, name: str) -> str:
    """HTML that may be wider than the page. The Tab key reaches it, and arrow keys move it."""
    label = f'tabindex="0" role="region" aria-label="{escape(name)}"'
    return f'<div {label} style="{SCROLLS}">{inside}</div>'


def words_html(text: str, name: str = "") -> str:
    """A text in characters of one width. It scrolls, so the Tab key reaches it."""
    label = f'tabindex="0" role="region" aria-label="{escape(name or WORDS["as_text"])}"'
    return f'<pre {label} style="white-space:pre;{SCROLLS}">{escape(text)}</pre>'
