"""Whether there is a live page, and what to send to it."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

from helpers.view import View

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class LiveView(View):
    """A view that a live page shows as a widget. A subclass gives `widget`."""

    def widget(self) -> Any:
        """The widget, made when it is first shown. Only a live page asks for it."""
        raise NotImplementedError

    def forms(self) -> dict[str, Any]:
        """The forms of every view; in a live page also its widget."""
        return super().forms() | (view_of(self.widget()) if is_notebook() else {})


def is_notebook() -> bool:
    """Whether a page may show widgets. A terminal has no kernel to talk to."""
    return hasattr(get_ipython(), "kernel")


def view_of(widget: Any) -> dict[str, Any]:
    """What shows the widget in a live page, to be joined with text and HTML for other places."""
    found = widget._repr_mimebundle_()
    bundle: dict[str, Any] = found[0] if isinstance(found, tuple) else found
    return {WIDGET_VIEW: bundle[WIDGET_VIEW]}
