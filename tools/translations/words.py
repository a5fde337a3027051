"""The words of the course in other languages: what a learner reads that stands in no notebook.

English stands in TOML files, by key. Each other language is one file, `translations/ko/words.po`.
Its `msgctxt` is the file and the key: `course/predictions/02: bind-again.question`. The helpers
read what is made of it, `helpers/translations/ko.json`.

Rules of this file:

- Two people can translate at the same time: the questions come first, by lesson; then the
  exercises, by name; then the rest.
- Code that a learner copies is not translated, and neither is a text that is nothing but code.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import polib

from helpers.language import FOLDER as COMPILED
from helpers.toml_file import name_of, texts_in
from tools.committed_form import ROOT
from tools.notebooks import replace_file
from tools.translations import glossary, po
from tools.translations.language import Language
from tools.translations.po import Message
from tools.translations.promises import same_in_each_run, same_parts

NAME = "words"
"""What it is called among the lessons: `python -m tools.translations update words`."""
HELPERS = ROOT / "helpers"

NO_WORDS = (
    "course/predictions/*.cell",
    "exercises/catalogue/*: lesson",
    "exercises/catalogue/*: signature",
    "exercises/catalogue/*: mistakes.*.scenario",
    "exercises/catalogue/*: mistakes.*.claims.*",
    "exercises/catalogue/*: mistakes.*.slip",
)
"""Texts that are names for the program, or code for the learner."""

_CODE = re.compile(r"`[^`]+`\.?")
_PLACEHOLDER = re.compile(r"\{\w*[!:}]")


def files() -> list[Path]:
    """Each file with English words, in the order in which they are translated."""
    return [
        *sorted(HELPERS.glob("course/predictions/*.toml")),
        *sorted(HELPERS.glob("exercises/catalogue/*/words.toml")),
        *sorted(
            path
            for path in HELPERS.glob("**/*.toml")
            if not {"predictions", "catalogue"} & set(path.parts)
        ),
        ROOT / "book" / "words.toml",
    ]


def messages(path: Path) -> Iterator[Message]:
    """The texts of one file that are translated, in its order."""
    for key, text in texts_in(tomllib.loads(path.read_text(encoding="utf-8"))):
        context = f"{name_of(path)}: {key}"
        one, *more = (text,) if isinstance(text, str) else text
        if not _CODE.fullmatch(one) and not any(fnmatchcase(context, each) for each in NO_WORDS):
            yield Message(context, one, plural="".join(more), flags=_flags(one))


def _flags(text: str) -> tuple[str, ...]:
    """An editor compares the placeholders of a text with this flag."""
    return ("python-brace-format",) if _PLACEHOLDER.search(text) else ()


def compiled(file: polib.POFile, readings: dict[str, str]) -> str:
    """What the helpers read: the translations that are whole, by file and key, one on a line.

    Each file has its place also while nothing of it is translated: so two translators do not write
    into the same lines.
    """
    words: dict[str, dict[str, str | list[str]]] = {name_of(path): {} for path in files()}
    for entry in po.usable(file):
        name, _, key = entry.msgctxt.partition(": ")
        forms = entry.msgstr_plural
        words[name][key] = [forms[n] for n in sorted(forms)] if forms else entry.msgstr
    rule = re.search(r"plural *= *([^;]+)", file.metadata.get("Plural-Forms", ""))
    made = {"plural": rule[1].strip() if rule else "0", "readings": readings, "words": words}
    return json.dumps(made, ensure_ascii=False, indent=0) + "\n"


def po_of(language: Language) -> Path:
    """The PO file with the words of a language."""
    return language.folder / f"{NAME}.po"


def updated(language: Language) -> dict[Path, str]:
    """The two files of a language as they have to be: its PO file, and what the helpers read."""
    path, read_as = po_of(language), glossary.readings(language.folder / glossary.NAME)
    wanted = [message for found in files() for message in messages(found)]
    new = po.update(po.read(path), wanted, language.code)
    return {
        path: po.text_of(new),
        COMPILED / f"{language.code}.json": compiled(new, read_as),
    }


def update(language: Language) -> None:
    """Bring both files up to date."""
    COMPILED.mkdir(exist_ok=True)
    for path, text in updated(language).items():
        replace_file(path, text)


def flaws(language: Language) -> Iterator[str]:
    """What must not stay so: a file that is behind, a promise that is not kept."""
    for path, text in updated(language).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.name} is behind: python -m tools.translations update {NAME}"
    for entry in po.usable(po.read(po_of(language))):
        for english, said in _forms(entry):
            for breach in (
                *same_parts(english, said),
                *same_in_each_run(said),
                *glossary.breaches(english, said, language.folder),
            ):
                yield f"{entry.msgctxt}: {breach}\n    {said}"


def _forms(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
    for form in entry.msgstr_plural.values():
        yield entry.msgid_plural, form
