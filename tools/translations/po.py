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
    plural: str = ""
    """The English for another number of things than one, if it counts some."""
    flags: tuple[str, ...] = ()
    """What an editor is told of it, such as `python-brace-format`."""

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
    if plural := file.metadata.get("Plural-Forms"):
        new.metadata["Plural-Forms"] = plural
    befores = _befores(file, wanted)
    for message in wanted:
        entry = _new(message)
        if before := befores.get(message.key):
            _carry(before, entry)
        new.append(entry)
    taken = {id(each) for each in befores.values()}
    left = [each for each in file if _is_begun(each) and id(each) not in taken]
    for before in left:
        before.obsolete, before.comment = True, ""
        new.append(before)
    return new


def _new(message: Message) -> polib.POEntry:
    entry = polib.POEntry(
        msgctxt=message.context,
        msgid=message.english,
        msgid_plural=message.plural,
        comment=message.comment,
        flags=list(message.flags),
    )
    if message.plural:
        entry.msgstr_plural = {0: ""}
    return entry


def _is_begun(entry: polib.POEntry) -> bool:
    return bool(entry.msgstr or any(entry.msgstr_plural.values()))


def _befores(file: polib.POFile, wanted: Iterable[Message]) -> dict[tuple[str, str], polib.POEntry]:
    """What each message was before: itself, or at another place, or with another English.

    In this order for all of them: so what has moved is not taken for what has changed.
    """
    left = {(entry.msgctxt, entry.msgid): entry for entry in file if _is_begun(entry)}
    found: dict[tuple[str, str], polib.POEntry] = {}
    for before in (lambda message, left: left.get(message.key), _moved, _changed):
        for message in wanted:
            if message.key not in found and (entry := before(message, left)):
                found[message.key] = left.pop((entry.msgctxt, entry.msgid))
    return found


def _carry(before: polib.POEntry, entry: polib.POEntry) -> None:
    """Give a message the translation that it had, or that its former English had."""
    entry.msgstr, entry.tcomment = before.msgstr, before.tcomment
    if entry.msgid_plural:
        entry.msgstr, entry.msgstr_plural = "", dict(before.msgstr_plural) or {0: before.msgstr}
    made_for = (before.previous_msgid if before.fuzzy else "") or before.msgid
    other_plural = (before.msgid_plural or "") != entry.msgid_plural
    if made_for != entry.msgid or other_plural or (before.fuzzy and not before.previous_msgid):
        entry.flags.append("fuzzy")
        entry.previous_msgid = made_for if made_for != entry.msgid else None


def _moved(message: Message, left: dict[tuple[str, str], polib.POEntry]) -> polib.POEntry | None:
    """The message that had the same English elsewhere."""
    return next((each for each in left.values() if each.msgid == message.english), None)


def _changed(message: Message, left: dict[tuple[str, str], polib.POEntry]) -> polib.POEntry | None:
    """The message that this one was before its English got another text."""
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
    return (each for each in file if _is_begun(each) and not each.fuzzy and not each.obsolete)
