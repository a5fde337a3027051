"""What a translation keeps of its English: code, links, tags, numbers in braces, bold that is bold.

Rules of this file:

- Each promise is a function: an English text and its translation in, one line for each breach.
- What is compared is what a reader would miss or what would no longer work. The order may differ:
  another language has another order of words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark").enable("table")

_KEPT = {
    "code": re.compile(r"`[^`]+`"),
    "a link": re.compile(r"\]\(([^)\s]+)\)"),
    "an address": re.compile(r"<https?://[^>]+>"),
    # `<br>`, `</b>`, `<a href="...">`, and no words in angle brackets: `<an address>`
    "a tag": re.compile(r"</?[a-z][a-z0-9]*(?: +[\w-]+ *=[^>]*)? */?>"),
    "a placeholder": re.compile(r"\{[^{}\s]*\}"),
}

_AFTER_A_PORT = re.compile(r"\{(?:address|peer|port)\}\([^)/]+/[^)/]+\)")


def breaches(english: str, translation: str) -> Iterator[str]:
    """One line for each promise that the translation does not keep."""
    for promise in (same_parts, _same_shape, _bold_is_bold):
        yield from promise(english, translation)


def same_parts(english: str, translation: str) -> Iterator[str]:
    """One line for each piece of code, link, tag or placeholder that is not the same."""
    for what, pattern in _KEPT.items():
        before, after = (Counter(pattern.findall(text)) for text in (english, translation))
        for each in (before - after).elements():
            yield f"{what} is missing: {each}"
        for each in (after - before).elements():
            yield f"{what} is not in the English: {each}"


def same_in_each_run(translation: str) -> Iterator[str]:
    """One line for each particle that would change with a port, which differs from run to run.

    Notebooks are compared with their stored outputs, where a port may differ and no word beside it.
    """
    for found in _AFTER_A_PORT.findall(translation):
        yield f"{found} differs from run to run: put a word between, such as 쪽 or 주소"


def _same_shape(english: str, translation: str) -> Iterator[str]:
    if translation.strip() != translation:
        yield "white space at the beginning or at the end"
    if english.startswith("|") and _columns(english) != _columns(translation):
        yield f"{_columns(translation)} columns in place of {_columns(english)}"
    if "\n\n" in translation and "\n\n" not in english:
        yield "an empty line, which would end the paragraph"


def _columns(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row))


def _bold_is_bold(english: str, translation: str) -> Iterator[str]:
    """`**` with a letter after it and a ")" or a "`" before it ends nothing: see CommonMark."""
    before, after = _bold(english), _bold(translation)
    if before != after:
        yield f"{after} bold texts in place of {before}"
    for mark in _left_over(translation):
        yield f"a reader would see {mark}: write **`recv()`는**, the particle inside"


def _bold(text: str) -> int:
    return sum(token == "strong_open" for token in _inline(text))


def _inline(text: str) -> Iterator[str]:
    for block in _MARKDOWN.parse(text):
        yield from (token.type for token in block.children or [])


def _left_over(text: str) -> Iterator[str]:
    for block in _MARKDOWN.parse(text):
        for token in block.children or []:
            if token.type == "text":
                yield from re.findall(r"\*+(?=\S)|(?<=\S)\*+", token.content)
