"""What a check, a hint or a solution says: blocks of text, and HTML with the same words.

Rules of this file: what a block says may come from anywhere. HTML escapes it here; who makes the
block sees to it that nothing in it moves the cursor or turns a line around (`text.visible`).
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass

from helpers.exercises.wording import check_words
from helpers.text import wrapped
from helpers.view import View

PAGE = 80
"""Columns of the text."""

PRE = "white-space:pre;overflow-x:auto;line-height:1.4;font-family:monospace;margin:0.8em 0"
BOX = "border-left:4px solid;padding-left:0.8em;max-width:60em"

Block = tuple[str, str]
"""A part of what is said: ("h", a title), ("p", words), ("b", important words), ("pre", lines),
("code", a program), ("list", lines of words)."""


class Blocks(View):
    """A title, and blocks below it: text and HTML say the same."""

    def blocks(self) -> Iterator[Block]:
        """The title first."""
        raise NotImplementedError

    def text(self) -> str:
        """The blocks in lines of `PAGE` columns."""
        return "\n\n".join(_as_text(*block) for block in self.blocks())

    def html(self) -> str:
        """The blocks in HTML, with everything escaped."""
        return f'<div style="{BOX}">{"".join(map(block_html, self.blocks()))}</div>'


@dataclass(frozen=True, repr=False)
class Message(Blocks):
    """Words and programs for the learner: a hint, a solution."""

    has_card = True

    title: str
    says: str
    code: str = ""
    other_says: str = ""
    other_code: str = ""

    def blocks(self) -> Iterator[Block]:
        """The words, and below them the program that they are about."""
        yield "h", self.title
        yield "p", self.says
        if self.code:
            yield "code", self.code.strip("\n")
        if self.other_code:
            yield "p", f"{check_words()['report']['another way']} {self.other_says}"
            yield "code", self.other_code.strip("\n")


def _as_text(kind: str, words: str) -> str:
    if kind == "h":
        return words
    if kind in ("pre", "code", "list"):
        return "\n".join(f"  {line}".rstrip() for line in words.split("\n"))
    return "\n".join(wrapped(" ".join(words.split()), PAGE, hyphens=True))


def block_html(block: Block) -> str:
    """One block in HTML, with everything escaped."""
    kind, words = block
    shown = html.escape(words)
    if kind == "list":
        return f"<p>{shown.replace(chr(10), '<br>')}</p>"
    if kind in ("pre", "code"):
        return f'<pre style="{PRE}" tabindex="0">{shown}</pre>'
    return f"<p>{shown if kind == 'p' else f'<b>{shown}</b>'}</p>"
