"""HTML that changes while somebody reads it. `changing.js` shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets


class Changing(anywidget.AnyWidget):
    """Shows `value`, which is HTML as it is: whoever sets it escapes what is not his own.

    `ipywidgets.HTML` puts all of it anew into the page at each change. Who has the focus in it
    loses it then, and a screen reader does not say what is new.
    """

    _esm = Path(__file__).resolve().with_suffix(".js").read_text(encoding="utf-8")
    value = traitlets.Unicode().tag(sync=True)
    follows = traitlets.Unicode().tag(sync=True)
    """The first such element (a CSS selector) stays scrolled to its end while more comes, unless
    the reader has scrolled away from there."""

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.add_class("socket-changing")
