"""What a view is: something that shows itself, in words and perhaps in a picture.

Rules of this file:

- The words come first. Every view has `text()`: a terminal, a screen reader and the tests have
  nothing else. `html()` and `svg()` say the same words again, and a view may lack both.
- What a view has is in `forms()`, by MIME type. Nobody else makes a MIME bundle.
- Pure: no IPython, no widget. What only a live page can show is added in `widgets/showing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

TEXT, HTML, SVG = "text/plain", "text/html", "image/svg+xml"


class View:
    """Shows itself in a notebook, in a terminal and to `print`. A subclass gives `text`.

    A dataclass that is a view is declared with `repr=False`: its text is what it shows.
    """

    __slots__ = ()

    def text(self) -> str:
        """The view in characters of one width."""
        raise NotImplementedError

    def html(self) -> str:
        """The view as HTML, all that is not its own escaped; "" if it has no such form."""
        return ""

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
        return {kind: form for kind, form in shown.items() if form or kind == TEXT}

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
