"""The few marks that a text of the catalogue may have, as HTML and as plain text.

`code` in backticks, **strong**, *stress*, [words](address), and an empty line between two
paragraphs. Nothing else is a mark: all other characters stay as they are, escaped in HTML. Inside
backticks nothing is a mark. A mark that is never closed stays as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_MARK = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\*\*(?P<strong>[^*]+)\*\*"
    r"|\*(?P<stress>[^*\s][^*]*)\*"
    r"|\[(?P<words>[^\]]+)\]\((?P<address>(?:https?://|[\w./#-]+\.ipynb)[^)\s]*)\)"
)


def html(text: str) -> str:
    """The text as HTML. One paragraph has no tag around it, several have `<p>`."""
    parts = [_walk(part, _as_html, escape) for part in _paragraphs(text)]
    return parts[0] if len(parts) == 1 else "".join(f"<p>{part}</p>" for part in parts)


def plain(text: str) -> str:
    """The text without its marks, each paragraph in one line. The address of a link is left out."""
    return "\n".join(_walk(part, _as_plain, str) for part in _paragraphs(text))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip())]


def _walk(text: str, marked: Callable[[re.Match[str]], str], rest: Callable[[str], str]) -> str:
    parts, place = [], 0
    for mark in _MARK.finditer(text):
        parts += [rest(text[place : mark.start()]), marked(mark)]
        place = mark.end()
    return "".join([*parts, rest(text[place:])])


def _as_html(mark: re.Match[str]) -> str:
    if mark["code"]:
        return f"<code>{escape(mark['code'])}</code>"
    if mark["strong"]:
        return f"<strong>{html(mark['strong'])}</strong>"
    if mark["stress"]:
        return f"<em>{html(mark['stress'])}</em>"
    return f'<a href="{escape(mark["address"])}">{html(mark["words"])}</a>'


def _as_plain(mark: re.Match[str]) -> str:
    return mark["code"] or plain(mark["strong"] or mark["stress"] or mark["words"])
