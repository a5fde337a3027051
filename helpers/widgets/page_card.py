"""HTML in a live page whose links open lessons there. `page_card.js` shows it."""

from __future__ import annotations

import anywidget
import traitlets

from helpers.widgets.question_card import script


class PageCard(anywidget.AnyWidget):
    """HTML that the course has made, all that is not its own escaped."""

    _esm = script("page_card.js")
    _css = (
        ".jupyter-widgets-disconnected:has(> .socket-page)::before { display: none; }\n"
        ".socket-page a { color: var(--jp-content-link-color, revert); }"
    )
    value = traitlets.Unicode().tag(sync=True)
