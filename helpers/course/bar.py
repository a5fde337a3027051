"""How far something has come: a bar in HTML, with the same in words."""

from __future__ import annotations

from html import escape

from helpers.course.saying import MAP


def bar_html(done: int, total: int, label: str, words: str = "") -> str:
    """A bar, and beside it `words`, or "3 of 8". `label` names it for a screen reader."""
    words = words or MAP("of", done=done, total=total)
    return (
        f'<progress value="{done}" max="{total}" aria-label="{escape(label)}" '
        'style="width: 6em; max-width: 100%; vertical-align: middle"></progress> '
        f'<span style="white-space: nowrap">{escape(words)}</span>'
    )
