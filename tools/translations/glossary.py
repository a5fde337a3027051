"""The glossary of a language: one word for one thing, and how names are read aloud.

`glossary.md` in the folder of the language has tables of four columns: the English, the word, the
reading of a name in code, and words that are not used for it.

Rules of this file:

- A word that is not used stands in no translation, but as a part of one that is.
- A term that the glossary has with the English in brackets, `백로그(backlog)`, is said with that
  word, or stays English where it is quoted.
- A particle behind code or behind a Latin word is the one that its reading wants
  (`helpers/particles.py`). What has no reading in the glossary is read by rule.
- The same English has the same translation everywhere in the lessons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.language import speaking
from helpers.particles import PAIRS, filled

NAME = "glossary.md"

_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|<[^>]*>|\{\w*\}")
_HANGUL = re.compile(r"(?<![가-힣\s(/])[가-힣]+")
"""A run of Hangul right after something else. `{name}(은/는)` is seen to when it is filled in."""
_OPENING = re.compile(r"(?:^|\s)[\"'*]+$")
"""A word begins here, and no particle follows what stood before: `"이 연결"`, `*이 셀*`."""
_NOT_A_NAME = re.compile(r"`(?![\w.]+(?:\([^`]*\))?`)[^`]*`$")
"""Code of which nobody can say how it is read."""
_COPULA = re.compile("이[고며라지든었에]")
"""It may keep its first syllable after a vowel, too: `IPv4이고`."""
_PAIR_OF = {form: pair for pair in PAIRS for form in pair.split("/")}


@dataclass(frozen=True)
class Row:
    """One thing."""

    english: str
    said: str
    reading: str = ""
    not_used: tuple[str, ...] = ()


def rows(path: Path) -> tuple[Row, ...]:
    """The rows of all tables of a glossary; none if there is no such file."""
    return _rows_in(path.read_text(encoding="utf-8")) if path.exists() else ()


@cache  # a file is asked for each message
def _rows_in(text: str) -> tuple[Row, ...]:
    lines = text.splitlines()
    found = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line, below in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|-") and not below.startswith("|-")
    ]
    return tuple(
        Row(row[0], row[1], row[2], tuple(filter(None, re.split(", *", "".join(row[3:4])))))
        for row in found
        if len(row) > 2
    )


def readings(path: Path) -> dict[str, str]:
    """How a name is read aloud, by the name."""
    return {row.english.strip("`"): row.reading for row in rows(path) if row.reading}


def breaches(english: str, translation: str, folder: Path) -> Iterator[str]:
    """One line for each way in which a translation differs from the glossary in this folder."""
    glossary = rows(folder / NAME)
    yield from second_words(translation, glossary)
    yield from missing_terms(english, translation, glossary)
    with speaking(folder.name):
        yield from wrong_particles(translation)


def second_words(translation: str, glossary: Sequence[Row]) -> Iterator[str]:
    """One line for each word in a translation that is not used."""
    text = _CODE.sub("`", translation)
    for row in glossary:
        for word in row.not_used:
            stem = word.removesuffix("다") or word
            if stem in text and stem in _without_words_with(stem, text, glossary):
                yield f"{word} is not used: {row.said or row.reading} ({row.english})"


def _without_words_with(stem: str, text: str, glossary: Sequence[Row]) -> str:
    """The text without the words of the glossary of which this one is a part."""
    for row in glossary:
        for word in re.split(r"[,()]", row.said):
            if stem in word:
                text = text.replace(word.strip(), "`")
    return text


def missing_terms(english: str, translation: str, glossary: Sequence[Row]) -> Iterator[str]:
    """One line for each term of the English that is said with another word."""
    text = _CODE.sub(" ", english)
    for row in glossary:
        term = re.fullmatch(r"([^,()]+)\(([^,()]+)(?:,[^()]*)?\)", row.said)
        if not term or term[2] != row.english or not re.search(rf"(?i)\b{term[2]}s?\b", text):
            continue
        if term[1] not in translation and term[2] not in translation.lower():
            yield f"{row.english} is {term[1]}"


def wrong_particles(translation: str) -> Iterator[str]:
    """One line for each particle that does not fit the reading of what stands before it."""
    for found in _HANGUL.finditer(translation):
        pair, before = _PAIR_OF.get(found[0]), translation[: found.start()]
        no_particle = _COPULA.match(found[0]) or _OPENING.search(before)
        if pair and before and not no_particle and not _NOT_A_NAME.search(before):
            fits = filled(f"{{before}}({pair})", before=before).removeprefix(before)
            if fits != found[0] and "(" not in fits:
                yield f"{fits}, and not {found[0]}, after {before[-20:]}"
