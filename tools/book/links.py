"""Where a link of a lesson or a page leads in the book. Pure functions.

A link is written for its file in the repository: `../helpers/live/server.py`, `05_accept.ipynb`.

- To something that is a page of the book: it leads to that page.
- To anything else in the repository: to its page on GitHub. Without a repository the link is left
  out, and its words stay.
- To anywhere else: it stays as it is.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from html import escape

from tools.book.settings import Repository

Pages = Mapping[str, str]
"""The pages of the book, by their file in the repository: `{"docs/teaching.md": "teaching.md"}`.
The file of a page may have a place in it: `programs.md#echo_serverpy`. One with a slash is a page
of the book in another language: `../teaching.md`."""

_MARKDOWN = re.compile(
    r"(?P<fence>^(?P<ticks>```+|~~~+).*?^(?P=ticks)[`~]*\s*?$)"
    r"|(?P<code>(?P<tick>`+)(?!`).*?(?<!`)(?P=tick)(?!`))"
    r"|(?P<block>(?:^(?: {4}|\t)[^\n]*\n?)+)"
    r"|\[(?P<words>(?:[^\[\]`]|`[^`]*`|\[[^\[\]]*\])*)\]\((?P<target>[^()\s]+)\)",
    re.MULTILINE | re.DOTALL,
)
"""Code, in which nothing is a link, or a link."""
_ENDING = re.compile(r"\.(?:md|ipynb)(?=#|$)")
_HREF = re.compile(r'<a href="(?P<target>[^"]*)"(?P<rest>[^>]*)>(?P<words>.*?)</a>', re.DOTALL)


def where(target: str, file: str, pages: Pages, repository: Repository) -> str:
    """Where a link in `file` leads, or "" if it is to be left out."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//|#", target):
        return target
    path, _, place = target.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    if path in pages:
        page, _, within = pages[path].partition("#")
        place = place or within
        return f"{page}#{place}" if place else page
    return repository.source(path) if repository else ""


def in_markdown(text: str, file: str, pages: Pages, repository: Repository) -> str:
    """The text of a file, with the links of the book."""

    def rewritten(found: re.Match[str]) -> str:
        if found["target"] is None:
            return found[0]
        target = where(found["target"], file, pages, repository)
        if "/" in target and ":" not in target:  # Sphinx knows only its own pages
            return f'<a href="{escape(_ENDING.sub(".html", target))}">{found["words"]}</a>'
        return f"[{found['words']}]({target})" if target else found["words"]

    return _MARKDOWN.sub(rewritten, text)


def in_html(text: str, file: str, pages: Pages, repository: Repository) -> str:
    """HTML of an output, with the links of the book."""

    def rewritten(found: re.Match[str]) -> str:
        target = where(found["target"], file, pages, repository)
        if ":" not in target:
            target = _ENDING.sub(".html", target)
        if not target:
            return found["words"]
        return f'<a href="{escape(target)}"{found["rest"]}>{found["words"]}</a>'

    return _HREF.sub(rewritten, text)
