"""Translate the lessons, and the words of the helpers.

    python -m tools.translations update [LESSON ...]   PO files follow the English notebooks
    python -m tools.translations write [LESSON ...]    notebooks are made of them, and run
    python -m tools.translations all [LESSON ...]      both (`make translations`)
    python -m tools.translations check [LESSON ...]    what a translation breaks, and what is left

LESSON is a number, 05, or `words`: what the helpers say, with all questions and exercises, in
`translations/ko/words.po`. `--language ko` takes one language; else each one in `translations/`.

How to translate a lesson:

1. `update 05` brings `translations/ko/05.po` up to date. Nothing that you wrote is lost.
2. Open it in any PO editor (Poedit, Gtranslator, Lokalize, VS Code), or in a text editor. Fill
   each `msgstr`. `msgctxt` is the id of the cell. The comment above (`#.`) is the section in which
   the text stands, or says that it is a heading.
3. Where the English has changed, the entry is marked `fuzzy`, and `#| msgid` is the former
   English. Put the translation right and take the word `fuzzy` away. Until then the lesson shows
   English.
4. Keep exactly: `code`, addresses of links, tags, {placeholders}, the columns of a table, the
   number of bold texts. The order is free. Marks such as `##` or `-` at the beginning of a line
   are no part of the text. A drawing keeps its lines.
5. Bold ends before a space or after a letter. In **`recv()`**는 a reader sees the asterisks: write
   **`recv()`는**.
6. `check 05` names what is not kept, and what is left. `write 05` makes `notebooks_ko/05_*.ipynb`
   and runs it.

In `words` the context is the file and the key of the English text. What is made of them is
`helpers/translations/ko.json`; it is committed, too. A particle that depends on what is filled in
is written in both forms, `{name}(은/는)`: the helpers choose. A text that counts has as many
`msgstr[0]`, `msgstr[1]` as the `Plural-Forms` in the head of the file say.

A lesson without a PO file is not in the course of that language: links lead to the English one.
`update 13` begins one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.committed_form import NotebookError
from tools.translations import words
from tools.translations.following import flaws, left, make, update
from tools.translations.language import Language, languages


def check(chosen: Sequence[Path], language: Language, with_words: bool) -> int:
    found = [flaw for lesson in chosen for flaw in flaws(lesson, language)]
    files = [language.po(lesson) for lesson in chosen]
    if with_words:
        found += words.flaws(language)
        files.append(words.po_of(language))
    print("\n".join([*found, *(left(each, language) for each in files)]))
    return bool(found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.translations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["update", "write", "check", "all"])
    parser.add_argument("lessons", nargs="*", metavar="LESSON")
    parser.add_argument("--language", metavar="CODE")
    options = parser.parse_args(arguments)
    status = 0
    for language in languages():
        if options.language not in (None, language.code):
            continue
        chosen = [
            lesson
            for lesson in language.lessons
            if lesson.name[:2] in options.lessons
            or (not options.lessons and language.po(lesson).exists())
        ]
        with_words = words.NAME in options.lessons or not options.lessons
        if options.action in ("update", "all"):
            for lesson in chosen:
                update(lesson, language)
            if with_words:
                words.update(language)
        try:
            if options.action in ("write", "all"):
                make(chosen, language)
        except NotebookError as error:
            print(f"not written\n{error}", file=sys.stderr)
            status = 1
        if options.action == "check":
            status |= check(chosen, language, with_words)
    return status


if __name__ == "__main__":
    sys.exit(main())
