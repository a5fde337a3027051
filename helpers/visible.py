"""Text from outside, made harmless to show.

Bytes off the wire, names and error messages are hostile input: a terminal escape could
recolour or clear a screen, a right-to-left mark could turn a line around. `visible` writes
such characters as Python would write them in a string: `\\x1b`, `\\u202e`.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are not shown as they are: controls, formats, surrogates, unused."""


def visible(text: str) -> str:
    """The text in one line, each character that is not printable written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(each) for each in text)


def _visible_character(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
