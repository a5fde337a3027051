"""What a lesson quotes of the instruments: a learner looks for these words in the ladder.

Rules of this file:

- A text in stars that is a word of an instrument, *dropped*, is quoted as the instrument says it in
  the language: as `words.po` does. Or it stays English.
- A placeholder of the instruments stands for a number: `cut: 1 of 5`. Others are seldom quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib

from tools.translations import po

INSTRUMENTS = ("kernel/", "ladder/", "live/", "record/", "widgets/panel/")
"""How the contexts of their words begin, in `words.po`."""

NOT_QUOTED = {"other"}
"""Words of the instruments that a lesson has in stars for the stress of its sentence."""

_STARS = re.compile(r"(?<![*\w])\*{1,2}([^*\s][^*]*?)\.?\*{1,2}(?![*\w])")
_PLACEHOLDER = re.compile(r"\{(\w+)\}(?:\([^)/]+/[^)/]+\))?")


def breaches(english: str, translation: str, words: Path) -> Iterator[str]:
    """One line for each word of an instrument that the translation says in another way."""
    for quoted in {*_STARS.findall(english)} - NOT_QUOTED:
        said = [form for label in _labels(words) if (form := _form(label, quoted)) is not None]
        if said and not any(form in translation for form in [quoted, *said]):
            yield f"the instruments say {' or '.join(sorted(set(said)))} for {quoted}"


@cache
def _labels(words: Path) -> list[tuple[re.Pattern[str], str]]:
    """Each text of the instruments, and what it is in the language."""
    return [
        (_matching(english), translation)
        for entry in po.usable(po.read(words))
        if entry.msgctxt.startswith(INSTRUMENTS)
        for english, translation in _forms(entry)
        if re.search(r"[^\W\d_]", _PLACEHOLDER.sub("", english))
    ]


def _forms(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """English and translation. Of a text that counts: each English with each translation."""
    translations = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
    for english in filter(None, (entry.msgid, entry.msgid_plural)):
        for translation in translations:
            yield english, translation


def _matching(english: str) -> re.Pattern[str]:
    names: set[str] = set()

    def number(found: re.Match[str]) -> str:
        again = found[1] in names
        names.add(found[1])
        return f"(?P={found[1]})" if again else rf"(?P<{found[1]}>[\d,]+)"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", number, re.escape(english)))


def _form(label: tuple[re.Pattern[str], str], quoted: str) -> str | None:
    """What the instrument says in the language, or None if this is no such text."""
    found = label[0].fullmatch(quoted)
    return found and _PLACEHOLDER.sub(lambda each: found.groupdict().get(each[1], ""), label[1])
