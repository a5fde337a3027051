"""The files of a language follow the English lessons: its PO files, and its notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from helpers.language import MARKER
from tools.masks import read_masks
from tools.notebooks import replace_file, write
from tools.translations import glossary, labels, lessons, po, words
from tools.translations.language import Language, languages
from tools.translations.promises import breaches


def follow(chosen: Sequence[Path]) -> None:
    """After these English lessons were written: what each language has of them. NotebookError."""
    for language in languages():
        known = [lesson for lesson in chosen if language.po(lesson).exists()]
        for lesson in known:
            update(lesson, language)
        make(known, language)


def updated(lesson: Path, language: Language) -> str:
    """The PO file of a lesson as it has to be."""
    messages = lessons.messages(nbformat.read(lesson, as_version=4))
    return po.text_of(po.update(po.read(language.po(lesson)), messages, language.code))


def update(lesson: Path, language: Language) -> None:
    replace_file(language.po(lesson), updated(lesson, language))


def make(chosen: Sequence[Path], language: Language) -> None:
    """Write the notebooks of these lessons, executed. Raises NotebookError."""
    language.notebooks.mkdir(exist_ok=True)
    replace_file(language.notebooks / MARKER, f"{language.code}\n")
    masks = read_masks()
    for lesson in chosen:
        path = language.notebooks / lesson.name
        print(f"{path.parent.name}/{path.name}: ", end="", flush=True)
        changed = write(path, masks, lessons.made(lesson, language))
        print("written" if changed else "unchanged")


def flaws(lesson: Path, language: Language) -> Iterator[str]:
    """What must not stay so: a file that is behind its English, a promise that is not kept."""
    path = language.po(lesson)
    if not path.exists():
        return
    if path.read_text(encoding="utf-8") != updated(lesson, language):
        yield f"{lesson.stem}: {path.name} is behind: python -m tools.translations update"
    for entry in po.usable(po.read(path)):
        texts = (entry.msgid, entry.msgstr)
        for breach in (
            *breaches(*texts),
            *glossary.breaches(*texts, language.folder),
            *labels.breaches(*texts, words.po_of(language)),
        ):
            yield f"{lesson.stem}, cell {entry.msgctxt}: {breach}\n    {entry.msgstr}"


def left(path: Path, language: Language) -> str:
    """What a translator has still to do in a PO file, in one line."""
    file = po.read(path)
    entries = [entry for entry in file if not entry.obsolete]
    fuzzy = [entry.msgctxt for entry in entries if entry.fuzzy]
    done = len(list(po.usable(file)))
    changed = f"; the English has changed in {', '.join(fuzzy)}" if fuzzy else ""
    return f"{language.code} {path.stem}: {done} of {len(entries)}{changed}"
