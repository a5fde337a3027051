"""Placeholders filled in, and the Korean particles behind them.

A Korean particle depends on the end of the word before it: `{name}(은/는)` becomes `서버는`, and
`소켓은`. A translation writes both forms, and here the right one is taken.

Rules of this file:

- A particle is chosen by how the word before is read aloud: whether it ends in a consonant. Before
  으로/로, a word that ends in ㄹ counts as one that ends in a vowel.
- Hangul says so itself (Unicode Standard, 3.12: a syllable is 0xAC00 + ... + its last consonant). A
  number is read in Korean. A word of code is read as the glossary says. Any other word in Latin
  letters is read by its last letters, as Korean spells English words (외래어 표기법).
- What differs from run to run is not read, since a lesson gives the same output each time: behind a
  port stand both forms.
- Quotes, brackets and tags after the word are not read: `recv(1024)` is read as `recv`.
- Only the text of a pattern has particles, and never what is filled in: that comes from outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from helpers import language

PAIRS = (
    *("은/는", "이/가", "을/를", "과/와", "아/야", "으로/로", "으로서/로서", "으로써/로써"),
    *("이나/나", "이라/라", "이라는/라는", "이라고/라고", "이라서/라서", "이란/란", "이랑/랑"),
    *("이고/고", "이며/며", "이든/든", "이지만/지만", "이었/였", "이에요/예요", "이여/여"),
)
"""Each: after a consonant, and after a vowel."""

_PAIR = re.compile(rf"\(({'|'.join(PAIRS)})\)")
_NOT_READ = re.compile(r"(?:</?\w[^<>]*>|\([^()]*\)|[^\w()]|_)*[()]?$")
_A_PORT = re.compile(r"(?:\S:|\bport |포트 |fd=)\d+\W*$")
_TOKEN = re.compile(r"[^\s`<>]+(?=`?(?:</\w+>)*$)")
_IN_LATIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*$")

_VOWEL, _L, _OTHER = range(3)
"""How a word ends: in a vowel, in ㄹ, in another consonant."""

_DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
"""Read in Korean. A number that ends in 0 ends in 십, 백, 천, 만: in a consonant, as 영 does."""
_ENDS_IN_L = re.compile(r"(l|le)$")
_ENDS_IN_ANOTHER = re.compile(r"(m|n|me|ne|ng|ck|[^aeiou][aeiou][bptk]|^[aeiou][bptk])$")
"""Korean writes a stop after a short vowel as a last consonant (`socket`, `web`), and no other."""


def filled(pattern: str, /, *numbered: Any, **values: Any) -> str:
    """`pattern.format(...)`, with each particle as the word before it wants it."""
    if "/" not in pattern:
        return pattern.format(*numbered, **values)
    said = ""
    for number, piece in enumerate(_PAIR.split(pattern)):
        said += _chosen(piece, said) if number % 2 else piece.format(*numbered, **values)
    return said


def _chosen(pair: str, before: str) -> str:
    after_consonant, after_vowel = pair.split("/")
    token = _TOKEN.search(before)
    reading = token and _readings().get(token[0])
    end = None if _A_PORT.search(before) else _end(reading or _NOT_READ.sub("", before))
    if end is None:
        more = after_consonant.removesuffix(after_vowel)
        return f"({more}){after_vowel}" if more != after_consonant else f"{more}({after_vowel})"
    to = after_consonant.startswith("으로")
    return after_vowel if end == _VOWEL or (to and end == _L) else after_consonant


def _end(text: str) -> int | None:
    """How the last word ends, read aloud; None if nobody knows."""
    last = text[-1:]
    if "가" <= last <= "힣":
        number = (ord(last) - ord("가")) % 28
        return _VOWEL if not number else _L if number == 8 else _OTHER
    if found := _IN_LATIN.search(text):
        return _end_in_latin(found[0])
    return _end(_DIGITS[last]) if last in _DIGITS else None


def _end_in_latin(word: str) -> int | None:
    """How a word of code, or one of English, ends."""
    for part in (word, word.rpartition("_")[2]):
        if reading := _readings().get(part):
            return _end(reading)
    if word[-1].isdigit():
        return _end(_DIGITS[word[-1]])
    part = word.rpartition("_")[2]
    if part.isupper() and len(part) < 5:  # read by its letters: 엘, 알, 엠, 엔, 티, 피
        return _L if part[-1] in "LR" else _OTHER if part[-1] in "MN" else _VOWEL
    part = part.lower()
    if _ENDS_IN_L.search(part):
        return _L
    return _OTHER if _ENDS_IN_ANOTHER.search(part) else _VOWEL


def _readings() -> Mapping[str, str]:
    spoken = language.now()
    return spoken.readings if spoken else {}
