"""A Markdown text in pieces: what is translated, and what is kept as it is.

Rules of this file:

- The pieces of a text give the text again, byte by byte.
- The marks of the structure (`##`, `-`, `>`, indentation) are no part of a message: a translation
  cannot change them.
- A message is small, so that a change of the English is a change of little: one paragraph, one
  heading, one item of a list, one row of a table, one drawing in plain characters.
- Code is no message: a fence that names its language, and what Python can read.

The blocks are those of CommonMark (https://spec.commonmark.org/), as far as lessons use them.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

_HEADING = re.compile(r"(#{1,6} +)(.*)")
_ITEM = re.compile(r"( *(?:[-*+]|\d+[.)]) +)(.*)")
_FENCE = re.compile(r" *(```+|~~~+) *(\w*)")
_LITERAL_LINE = re.compile(
    r"""\s*(?:
        \|?[ :|-]*---[ :|-]* |         # below the head of a table, or a rule
        (?:</?\w[^>]*>\s*)+ |          # tags
        \[[^]]+\]:\ \S+                # where a link leads
    )""",
    re.X,
)
_NO_WORDS = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]+>|https?://\S+")
"""What a text may have in it and still have nothing to translate."""


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a text. `text` is without the marks, and may have several lines."""

    text: str
    lead: str = ""
    """Before the first line."""
    hang: str = ""
    """Before each other line."""
    is_message: bool = False
    is_drawing: bool = False
    """In plain characters: no mark of Markdown means anything in it."""

    def written(self, text: str) -> str:
        """The lines with this text in place of the own one."""
        first, *rest = text.split("\n")
        hang = [self.hang + line if line else self.hang.rstrip() for line in rest]
        return "\n".join([self.lead + first, *hang])


def pieces(source: str) -> list[Piece]:
    """The text in pieces. `render` of them is the text again."""
    found = _Reader(source.split("\n")).read()
    if (
        render(found, lambda part: part.text) != source
    ):  # a text with marks that nobody has foreseen
        return [Piece(source, is_message=_has_words(source))]
    return found


def render(parts: list[Piece], translated: Callable[[Piece], str]) -> str:
    """The text, with each message as `translated` gives it."""
    return "\n".join(
        part.written(translated(part) if part.is_message else part.text) for part in parts
    )


class _Reader:
    """Reads lines from the first to the last."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._inside = 0
        """Columns that belong to the item of a list, in which the lines stand."""

    def read(self) -> list[Piece]:
        found: list[Piece] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.strip() and not line.startswith(" " * self._inside):
                self._inside = 0
            found += self._block(line)
        return found

    def _block(self, line: str) -> list[Piece]:
        if fence := _FENCE.match(line):
            return self._fence(fence[1], fence[2])
        if heading := _HEADING.fullmatch(line):
            return self._one_line(heading[1], heading[2])
        if not line.strip() or _LITERAL_LINE.fullmatch(line):
            self._at += 1
            return [Piece(line)]
        if line.startswith(">"):
            return self._quote()
        if line.startswith(" " * (self._inside + 4)):
            return self._drawing()
        if line.startswith("|"):
            return self._one_line("", line)
        if item := _ITEM.fullmatch(line):
            self._inside = len(item[1])
            return self._paragraph(item[1])
        return self._paragraph(line[: len(line) - len(line.lstrip())])

    def _one_line(self, lead: str, text: str) -> list[Piece]:
        self._at += 1
        return [Piece(text, lead, is_message=_has_words(text))]

    def _take(self, goes_on: Callable[[str], bool]) -> list[str]:
        """This line, and those after it as long as one goes on."""
        begin = self._at
        self._at += 1
        while self._at < len(self._lines) and goes_on(self._lines[self._at]):
            self._at += 1
        return self._lines[begin : self._at]

    def _fence(self, mark: str, language: str) -> list[Piece]:
        opening, *inside = self._take(lambda line: not line.strip().startswith(mark))
        closing = [Piece(self._lines[self._at])] if self._at < len(self._lines) else []
        self._at += 1
        return [Piece(opening), *_code("\n".join(inside), "", bool(language)), *closing]

    def _drawing(self) -> list[Piece]:
        lead = " " * (self._inside + 4)
        lines = self._take(lambda line: line.startswith(lead) or not line.strip())
        while not lines[-1].strip():  # the empty lines after it are their own
            lines.pop()
            self._at -= 1
        return _code("\n".join(line.removeprefix(lead) for line in lines), lead, False)

    def _quote(self) -> list[Piece]:
        lines = self._take(lambda line: line.startswith(">"))
        inside = _Reader([re.sub("^> ?", "", line) for line in lines]).read()
        return [
            replace(each, lead=f"> {each.lead}" if each.text else ">", hang=f"> {each.hang}")
            for each in inside
        ]

    def _paragraph(self, lead: str) -> list[Piece]:
        lines = self._take(self._is_in_a_paragraph)
        hang = re.match(" *", lines[1])[0] if len(lines) > 1 else ""  # type: ignore[index]
        text = "\n".join([lines[0].removeprefix(lead), *(x.removeprefix(hang) for x in lines[1:])])
        return [Piece(text, lead, hang, _has_words(text))]

    @staticmethod
    def _is_in_a_paragraph(line: str) -> bool:
        begins = (_HEADING, _ITEM, _LITERAL_LINE)
        return bool(line.strip()) and not (
            line.startswith((">", "|"))
            or _FENCE.match(line)
            or any(pattern.fullmatch(line) for pattern in begins)
        )


def _code(text: str, lead: str, is_code: bool) -> list[Piece]:
    """A block in plain characters: code is kept, and the words of a drawing are translated."""
    is_message = _has_words(text) and not is_code and not _is_python(text)
    return [Piece(text, lead, lead, is_message, is_drawing=True)]


def _is_python(text: str) -> bool:
    try:
        ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return False
    return True


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in _NO_WORDS.sub(" ", text))
