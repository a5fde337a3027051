"""PO files: their form, and how they follow English that changes.

Rules of this file:

- The same messages and the same translations give the same bytes: no dates, no names of programs.
- A translation is never lost. It stays with its message. If the English of the message changes, it
  is *fuzzy*: it stands there with the English that it was made for, and is not used. If the message
  is gone, it is *obsolete*: it stands at the end of the file, and is taken again if the message
  comes back.
- A message is known by its context (of a lesson: the cell) and its English.

The form is GNU gettext's: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ALIKE = 0.4
"""How much of two texts must be the same, from 0 to 1, to be one text that has changed."""


@dataclass(frozen=True)
class Message:
    """Some English that is to be translated."""

    context: str
    """Where it stands: two messages with the same English have two contexts."""
    english: str
    comment: str = ""
    """What a translator is told of it."""

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.english


def read(path: Path) -> polib.POFile:
    """The PO file, or an empty one if there is none. Raises OSError: the file is no PO file."""
    if not path.exists():
        return polib.POFile()
    return polib.pofile(path.read_text(encoding="utf-8"))


def text_of(file: polib.POFile) -> str:
    """What is written to the disk."""
    return str(file).rstrip("\n") + "\n"


def update(file: polib.POFile, messages: Iterable[Message], language: str) -> polib.POFile:
    """A file of these messages, in their order, with the translations of the old file."""
    wanted = list(messages)
    new = polib.POFile(wrapwidth=78)
    new.header = "How to translate: docs/translating.md"
    new.metadata = {
        "Project-Id-Version": "socket-course",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    old = {(entry.msgctxt, entry.msgid): entry for entry in file if entry.msgstr}
    left = {key: entry for key, entry in old.items() if key not in {each.key for each in wanted}}
    for message in wanted:
        entry = polib.POEntry(
            msgctxt=message.context, msgid=message.english, comment=message.comment
        )
        if before := old.get(message.key) or _changed(message, left):
            left.pop((before.msgctxt, before.msgid), None)
            _carry(before, entry)
        new.append(entry)
    for before in left.values():
        gone = polib.POEntry(
            msgctxt=before.msgctxt, msgid=before.msgid, msgstr=before.msgstr, obsolete=True
        )
        gone.tcomment = before.tcomment
        new.append(gone)
    return new


def _carry(before: polib.POEntry, entry: polib.POEntry) -> None:
    """Give a message the translation that it had, or that its former English had."""
    entry.msgstr, entry.tcomment = before.msgstr, before.tcomment
    made_for = (before.previous_msgid if before.fuzzy else "") or before.msgid
    if made_for != entry.msgid or (before.fuzzy and not before.previous_msgid):
        entry.flags = ["fuzzy"]
        entry.previous_msgid = made_for if made_for != entry.msgid else None


def _changed(message: Message, left: dict[tuple[str, str], polib.POEntry]) -> polib.POEntry | None:
    """The message that this one was before its English, or its cell, got another text."""
    for entry in left.values():
        if entry.msgid == message.english:
            return entry
    found: polib.POEntry | None = None
    best = ALIKE
    for entry in left.values():
        if _cell(entry.msgctxt) == _cell(message.context) and not entry.obsolete:
            alike = difflib.SequenceMatcher(None, entry.msgid, message.english, False).ratio()
            if alike >= best:
                found, best = entry, alike
    return found


def _cell(context: str) -> str:
    """The context without the number that tells equal texts of one cell apart."""
    return context.partition("#")[0]


def translations(file: polib.POFile) -> dict[tuple[str, str], str]:
    """What may be used: by context and English."""
    return {(entry.msgctxt, entry.msgid): entry.msgstr for entry in usable(file)}


def usable(file: polib.POFile) -> Iterator[polib.POEntry]:
    """The entries with a translation of the English as it is now."""
    return (each for each in file if each.msgstr and not each.fuzzy and not each.obsolete)
