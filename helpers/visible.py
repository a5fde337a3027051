"""Text from outside, made harmless to show, and measured in columns.

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


def distinct(text: str) -> str:
    r"""The text with every character that does not print, and the backslash, as `\x1b`."""
    return "".join(map(_distinct_character, text))


def _distinct_character(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8, as os.fsdecode() has it
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable() and character != "\\":
        return character
    return character.encode("unicode_escape").decode("ascii")


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(each) in ("Mn", "Me")
        else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def pad(text: str, width: int) -> str:
    """The text, with spaces behind it up to this many columns."""
    return text + " " * (width - columns(text))


def cut_middle(text: str, width: int) -> str:
    """The text, or its start and end with `...` between, in at most so many columns."""
    if columns(text) <= width:
        return text
    end_room = (width - 3) // 2
    start, end = text, text
    while columns(start) > width - 3 - end_room:
        start = start[:-1]
    while columns(end) > end_room:
        end = end[1:]
    return f"{start}...{end}"
