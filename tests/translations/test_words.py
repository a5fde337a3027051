"""All words of the course stand in each language's words.po, in an order to work in."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import polib
import pytest

from helpers import language
from helpers.particles import PAIRS
from helpers.toml_file import name_of
from tools.translations import glossary, po, words
from tools.translations.language import Language, Settings, languages
from tools.translations.promises import same_in_each_run

LANGUAGES = [each for each in languages() if words.po_of(each).exists()]


@pytest.mark.parametrize("spoken", LANGUAGES, ids=lambda each: each.code)
def test_the_helpers_say_what_is_translated_and_only_of_the_english_as_it_is(
    spoken: Language,
) -> None:
    now = {each.context: each for path in words.files() for each in words.messages(path)}
    behind = [
        entry.msgctxt
        for entry in po.usable(po.read(words.po_of(spoken)))
        if entry.msgctxt not in now or now[entry.msgctxt].english != entry.msgid
    ]
    assert not behind, "their English has changed: python -m tools.translations update words"
    said = json.loads((language.FOLDER / f"{spoken.code}.json").read_text(encoding="utf-8"))
    file = po.read(words.po_of(spoken))
    readings = glossary.readings(spoken.folder / glossary.NAME)
    made = json.loads(words.compiled(file, readings))
    assert said["plural"] == made["plural"], "python -m tools.translations update words"
    assert {name: each for name, each in said["words"].items() if each} == {
        name: each for name, each in made["words"].items() if each
    }, "python -m tools.translations update words"


@pytest.mark.parametrize("spoken", LANGUAGES, ids=lambda each: each.code)
def test_a_translation_keeps_the_placeholders_and_the_code_of_its_english(spoken: Language) -> None:
    found = [flaw for flaw in words.flaws(spoken) if "is behind" not in flaw]
    assert not found, "\n".join(found)


def test_no_particle_depends_on_a_port() -> None:
    assert list(same_in_each_run("{call}에서 {peer}(이/가) 보내기를"))
    assert not list(same_in_each_run("{name}(이/가) {peer} 쪽이 보내기를"))


@pytest.mark.parametrize("spoken", LANGUAGES, ids=lambda each: each.code)
def test_a_particle_behind_a_placeholder_is_one_that_the_helpers_know(spoken: Language) -> None:
    unknown = [
        f"{entry.msgctxt}: ({pair})"
        for entry in po.usable(po.read(words.po_of(spoken)))
        for pair in re.findall(r"\}[`'\")\]]*\(([가-힣]+/[가-힣]+)\)", entry.msgstr)
        if pair not in PAIRS
    ]
    assert not unknown


def test_each_file_with_words_is_read_once_and_each_of_them_by_one_name() -> None:
    found = words.files()
    assert len({name_of(path) for path in found}) == len(found)
    assert {*found} == {
        *(each for each in words.HELPERS.glob("**/*.toml") if each.name != "survivors.toml"),
        words.ROOT / "book" / "words.toml",
    }


def test_questions_come_first_by_lesson_then_exercises_by_name_then_the_rest() -> None:
    names = [name_of(path) for path in words.files()]
    kinds = [0 if "predictions" in name else 1 if "catalogue" in name else 2 for name in names]
    assert kinds == sorted(kinds)
    assert names[0] == "course/predictions/00"


def test_each_message_is_found_by_its_context_alone() -> None:
    contexts = [each.context for path in words.files() for each in words.messages(path)]
    assert len(set(contexts)) == len(contexts)


def test_names_and_code_are_not_translated() -> None:
    path = words.HELPERS / "exercises" / "catalogue" / "ask" / "words.toml"
    keys = {each.context.partition(": ")[2] for each in words.messages(path)}
    assert {"task", "hints.0", "solution.why", "mistakes.it_reads_once.says"} <= keys
    for key in keys:
        assert not re.search(r"^(lesson|minutes|signature)$|\.(scenario|claims\.\d|slip)$", key)
    asked = {
        each.context: each.english
        for path in words.files()
        if "predictions" in path.parts
        for each in words.messages(path)
    }
    assert not [key for key in asked if key.endswith(".cell")]
    assert "`0.0.0.0`" not in asked.values()


def test_a_text_with_placeholders_says_so_to_the_editor() -> None:
    (path,) = words.HELPERS.glob("desk/words.toml")
    flags = {each.context: each.flags for each in words.messages(path)}
    assert flags["desk/words: gone"] == ("python-brace-format",)
    assert flags["desk/words: busy"] == ()
    assert set(tomllib.loads(path.read_text(encoding="utf-8"))) == {
        key.partition(": ")[2] for key in flags
    }


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A language that nobody has translated into yet."""
    monkeypatch.setattr(words, "COMPILED", tmp_path / "compiled")
    folder = tmp_path / "translations" / "eo"
    folder.mkdir(parents=True)
    return Language("eo", folder, tmp_path, tmp_path, Settings("Esperanto", "**[angla]**"))


def test_a_language_begins_with_an_empty_folder_and_what_is_filled_in_is_said(
    toy: Language,
) -> None:
    words.update(toy)
    path, said = words.po_of(toy), words.COMPILED / "eo.json"
    assert json.loads(said.read_text(encoding="utf-8"))["words"]["counts"] == {}
    file = polib.pofile(str(path))
    file.metadata["Plural-Forms"] = "nplurals=2; plural=n != 1;"
    for entry in file:
        if entry.msgctxt == "counts: byte":
            entry.msgstr_plural = {0: "{count} bajto", 1: "{count} bajtoj"}
        if entry.msgctxt == "view: picture":
            entry.msgstr = "Bildo"
        if entry.msgctxt == "view: as_text":
            entry.msgstr, entry.flags = "Teksto", ["fuzzy"]
    file.save()
    (toy.folder / glossary.NAME).write_text(
        "# G\n\n| English | eo | reading |\n|---|---|---|\n| `recv` | | ricev |\n| TCP | TCP | |\n"
    )
    words.update(toy)
    once = path.read_bytes()
    made = json.loads(said.read_text(encoding="utf-8"))
    assert made["words"]["counts"] == {"byte": ["{count} bajto", "{count} bajtoj"]}
    assert made["words"]["view"] == {"picture": "Bildo"}
    assert (made["plural"], made["readings"]) == ("n != 1", {"recv": "ricev"})
    words.update(toy)
    assert path.read_bytes() == once
    assert not [*words.flaws(toy)]


@pytest.mark.parametrize(
    ("said", "breach"),
    [
        ("Restas {lines}", "missing: {bytes}"),
        ("{bytes} {byte}", "not in the English: {byte}"),
        ("{bytes} `recv()`", "not in the English: `recv()`"),
    ],
)
def test_what_a_translation_does_not_keep_is_named(toy: Language, said: str, breach: str) -> None:
    words.update(toy)
    file = polib.pofile(str(words.po_of(toy)))
    (entry,) = [each for each in file if each.msgctxt == "widgets/panel/words: state.sent"]
    entry.msgstr = said
    file.save()
    words.update(toy)
    assert breach in "\n".join(words.flaws(toy))


def test_what_has_moved_is_not_taken_for_what_has_changed() -> None:
    before = [po.Message("q.0", "Yes: it waits."), po.Message("q.1", "No: it does not wait.")]
    file = po.update(polib.POFile(), before, "eo")
    for entry, said in zip(file, ("Jes.", "Ne."), strict=True):
        entry.msgstr = said
    new = [po.Message("q.0", "Yes: it waits long."), *_moved(before)]
    after = po.update(file, new, "eo")
    assert [each.msgstr for each in after] == ["", "Jes.", "Ne."]
    assert not [each for each in after if each.fuzzy]


def _moved(messages: list[po.Message]) -> list[po.Message]:
    return [po.Message(f"q.{n}", each.english) for n, each in enumerate(messages, 1)]
