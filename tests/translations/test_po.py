"""tools/translations/po.py: how a PO file follows its English."""

import polib

from tools.translations import po
from tools.translations.po import Message

FIRST = [
    Message("intro", "A socket is an end of a connection.", "a section"),
    Message("intro", "It has an address."),
    Message("intro#2", "It has an address."),
    Message("end", 'Quotes ", a backslash \\ and\na second line: ' + "words " * 30),
]


def filled(messages: list[Message]) -> polib.POFile:
    """A file in which each message is translated, as it is read from the disk."""
    file = po.update(polib.POFile(), messages, "eo")
    for number, entry in enumerate(file):
        entry.msgstr = f"traduko {number}"
    return polib.pofile(po.text_of(file))


def after(file: polib.POFile, messages: list[Message]) -> polib.POFile:
    return polib.pofile(po.text_of(po.update(file, messages, "eo")))


def test_an_empty_file_has_each_message_in_its_order() -> None:
    file = after(polib.POFile(), FIRST)
    assert [(entry.msgctxt, entry.msgid) for entry in file] == [each.key for each in FIRST]
    assert not po.translations(file)


def test_nothing_changes_where_the_english_has_not() -> None:
    file = filled(FIRST)
    assert po.text_of(po.update(file, FIRST, "eo")) == po.text_of(file)
    assert len(po.translations(file)) == len(FIRST)


def test_dates_and_names_of_programs_are_left_out() -> None:
    file = filled(FIRST)
    file.metadata["PO-Revision-Date"] = "2026-01-01"
    file.metadata["X-Generator"] = "Poedit"
    assert po.text_of(po.update(file, FIRST, "eo")) == po.text_of(filled(FIRST))


def test_english_that_changed_is_fuzzy_and_shows_what_it_was() -> None:
    changed = Message("intro", "A socket is one end of a connection.")
    file = after(filled(FIRST), [changed, *FIRST[1:]])
    entry = file[0]
    assert (entry.msgid, entry.msgstr) == (changed.english, "traduko 0")
    assert entry.fuzzy
    assert entry.previous_msgid == FIRST[0].english
    assert changed.key not in po.translations(file)
    twice = after(file, [Message("intro", "A socket: an end of a connection."), *FIRST[1:]])
    assert twice[0].previous_msgid == FIRST[0].english
    again = after(twice, FIRST)
    assert not again[0].fuzzy
    assert po.text_of(again) == po.text_of(filled(FIRST))


def test_what_a_translator_calls_fuzzy_stays_so() -> None:
    file = filled(FIRST)
    file[1].flags = ["fuzzy"]
    assert after(file, FIRST)[1].fuzzy


def test_a_message_that_is_gone_is_kept_and_comes_back() -> None:
    file = after(filled(FIRST), FIRST[:2])
    assert [entry.msgid for entry in file.obsolete_entries()] == [
        each.english for each in FIRST[2:]
    ]
    assert po.text_of(after(file, FIRST)) == po.text_of(filled(FIRST))


def test_a_text_that_moves_to_another_cell_keeps_its_translation() -> None:
    moved = Message("later", FIRST[0].english)
    file = after(filled(FIRST), [*FIRST[1:], moved])
    assert po.translations(file)[moved.key] == "traduko 0"
    assert not file.obsolete_entries()


def test_another_text_in_the_same_cell_is_not_taken_for_a_change() -> None:
    new = Message("intro", "Bytes arrive in order, without gaps.")
    file = after(filled(FIRST), [FIRST[0], new, FIRST[2], FIRST[3]])
    assert file[1].msgstr == ""
    assert [entry.msgstr for entry in file.obsolete_entries()] == ["traduko 1"]


def test_a_note_of_the_translator_stays() -> None:
    file = filled(FIRST)
    file[0].tcomment = "ĉu bone?"
    assert after(file, FIRST)[0].tcomment == "ĉu bone?"
