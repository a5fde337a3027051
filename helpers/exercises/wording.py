"""Facts in words: the one place where the key of a fact, and its value, become what is read.

The words are those of `check.toml`, and before them those of the exercise's own `words.toml`.
A key that ends with `{}` stands for all that begin so. One that has no words is shown itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.exercises.folder import Folder, Words
from helpers.exercises.values import Key, OfType, Quoted
from helpers.language import ENGLISH, cached, speaking
from helpers.particles import filled
from helpers.text import visible
from helpers.toml_file import read_toml

Table = dict[str, str]


@cached
def check_words() -> dict[str, Table]:
    """The words that every check uses. Raises BadFile."""
    return read_toml(Path(__file__).parent / "check.toml", dict[str, Table])


def find(key: str, *tables: Table) -> str | None:
    """The words for a key in the first table that has it; None if there are none."""
    for table in tables:
        if key in table:
            return table[key]
    for table in tables:
        for pattern, words in table.items():
            start, hole, _ = pattern.partition("{}")
            if hole and key.startswith(start):
                return filled(words, key.removeprefix(start))
    return None


def mistake_names(folder: Folder) -> list[str]:
    """What the check of an exercise calls each mistake that it knows, in the language of now."""
    own = [each.name for each in folder.words.mistakes.values()]
    return [*own, *(each["name"] for each in check_words().values() if "name" in each)]


def english_name(folder: Folder, name: str) -> str:
    """The English name of a mistake: a class has several languages, and counts by one."""
    now = mistake_names(folder)
    with speaking(ENGLISH):
        return dict(zip(now, mistake_names(folder), strict=True)).get(name, name)


@dataclass(frozen=True)
class Wording:
    """The words for the facts of one exercise."""

    own: Words

    def name(self, fact: str) -> str:
        """What a fact is called: `saw`, or `client_1.saw`."""
        who, _, key = fact.rpartition(".")
        name = find(key, self.own.facts, check_words()["facts"]) or key
        return filled(name, who=find(who, check_words()["who"]) or who)

    def value(self, fact: str, value: Any) -> str:
        """What a fact says, in one line without harm."""
        if fact == "returned" or not isinstance(value, str | tuple | OfType):
            return visible(self._python(value))
        if isinstance(value, tuple):
            return ", ".join(self.value(fact, each) for each in value)
        return visible(value if isinstance(value, Quoted) else self._words(fact, value))

    def _words(self, fact: str, value: str | OfType) -> str:
        key = f"of_type {value.name}" if isinstance(value, OfType) else value
        shared = check_words()["ended" if fact == "ended" else "values"]
        return find(key, self.own.values, shared) or key

    def _python(self, value: Any) -> str:
        """As Python shows it, with words where no value of Python stands."""
        if isinstance(value, list):
            return f"[{', '.join(map(self._python, value))}]"
        if isinstance(value, Key):
            return self._words("returned", value)
        if isinstance(value, OfType):
            return repr(self._words("returned", value))
        shown = repr(value)
        if isinstance(value, bytes):
            for key, words in self.own.placeholders.items():
                shown = shown.replace(f"<{key}>", f"<{words}>")
        return shown
