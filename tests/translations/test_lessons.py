"""The lessons in other languages: what is translated, what stays English, what must be kept."""

from pathlib import Path

import nbformat
import polib
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.language import MARKER
from tools import committed_form
from tools.translations import lessons, po
from tools.translations.following import flaws, left, make, update
from tools.translations.language import Language, Settings, languages
from tools.translations.language import language as language_of
from tools.translations.promises import breaches

TOY = Language(
    "eo",
    Path("translations/eo"),
    Path("notebooks_eo"),
    Path("notebooks"),
    Settings("Esperanto", "**[angla]**", {"https://docs.python.org/3/": "https://eo.example/"}),
)

LESSON = new_notebook(
    cells=[
        new_markdown_cell(
            "# 05 accept()\n\n**40 minutes to read and run, 15 for the exercises.** You need "
            "lesson [03](03_listen.ipynb).",
            id="title",
        ),
        new_code_cell("import socket", id="load", metadata={"tags": ["raises-exception"]}),
        new_markdown_cell("Look.\n\n- One\n- Two\n\nLook.", id="look"),
        new_markdown_cell("## A section\n\n| a | b |\n|---|---|\n| 5 | c |", id="table"),
        new_markdown_cell("[`recv`](https://docs.python.org/3/library/socket.html)", id="link"),
    ]
)


def translated(**words: str) -> list[str]:
    """The lesson, with what `words` has for a text. Underscores are spaces."""
    file = po.update(polib.POFile(), lessons.messages(LESSON), "eo")
    for entry in file:
        entry.msgstr = words.get(entry.msgid.rstrip(".").replace(" ", "_"), "")
        if entry.msgid.startswith("**{minutes}"):
            entry.msgstr = words.get("minutes", "")
    made = lessons.translate(LESSON, file, TOY, missing=["03_listen.ipynb"])
    return [cell.source for cell in made.cells]


def test_a_translation_takes_the_place_of_its_english() -> None:
    made = translated(Look="Rigardu.", One="Unu", Two="Du")
    assert made[2] == "Rigardu.\n\n- Unu\n- Du\n\nRigardu."


def test_the_minutes_come_from_the_english_lesson() -> None:
    made = translated(minutes="{exercise_minutes} minutoj post {minutes}. [03](03_listen.ipynb)")
    assert made[0].splitlines()[2] == "15 minutoj post 40. [03](../notebooks/03_listen.ipynb)"


def test_what_is_missing_stands_there_in_english_with_a_mark() -> None:
    made = translated(Two="Du", A_section="Sekcio")
    assert made[2] == "**[angla]** Look.\n\n- **[angla]** One\n- Du\n\n**[angla]** Look."
    assert made[3].splitlines() == [
        *("## Sekcio", "", "| **[angla]** a | b |", "|---|---|", "| **[angla]** 5 | c |")
    ]


def test_a_cell_without_any_translation_has_one_mark() -> None:
    made = translated(A_section="Sekcio")
    assert made[2] == "**[angla]** Look.\n\n- One\n- Two\n\nLook."


def test_a_lesson_without_any_translation_has_one_mark() -> None:
    made = translated()
    assert made[0].startswith("# **[angla]** 05 accept()\n")
    assert "angla" not in "".join(made[1:])


def test_a_link_may_lead_to_a_page_in_the_language() -> None:
    assert translated()[4] == "[`recv`](https://eo.example/library/socket.html)"


def test_all_but_the_text_is_that_of_the_english_lesson() -> None:
    made = lessons.translate(LESSON, polib.POFile(), TOY)
    for cell, english in zip(made.cells, LESSON.cells, strict=True):
        assert {**cell, "source": ""} == {**english, "source": ""}
        assert cell.cell_type == "markdown" or cell.source == english.source


def test_the_same_text_twice_in_a_cell_has_two_contexts() -> None:
    found = [each.context for each in lessons.messages(LESSON) if each.english == "Look."]
    assert found == ["look", "look#2"]


@pytest.mark.parametrize(
    ("english", "translation", "says"),
    [
        ("Call `recv()`.", "리시브를 부릅니다.", "code is missing: `recv()`"),
        ("Call it.", "`recv()`를 부릅니다.", "code is not in the English: `recv()`"),
        ("See [05](05_accept.ipynb).", "[05](05.ipynb)를 보세요.", "a link is missing: 05_acc"),
        ("{minutes} minutes", "몇 분", "a placeholder is missing: {minutes}"),
        ("<b>a</b>", "<b>가", "a tag is missing: </b>"),
        ("| a | b |", "| 가 나 |", "2 columns in place of 3"),
        ("**End** it.", "끝냅니다.", "0 bold texts in place of 1"),
        ("**`recv()`** waits.", "**`recv()`**는 기다립니다.", "a reader would see **"),
        ("*End (now)* it.", "*끝(지금)*을", "a reader would see *"),
        ("One.", "하나.\n\n둘.", "an empty line"),
        ("One.", " 하나.", "white space"),
    ],
)
def test_a_breach_is_named(english: str, translation: str, says: str) -> None:
    assert says in "\n".join(breaches(english, translation))


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("Call `a` then `b`.", "`b`는 `a` 다음에 부릅니다."),
        ("**`recv()`** waits.", "**`recv()`는** 기다립니다."),
        ("*One* and **two**.", "**둘**과 *하나*."),
        ("2 * 3 is `a * b`.", "2 * 3은 `a * b`입니다."),
        ("| a \\| b | c |", "| 가 \\| 나 | 다 |"),
        ("<an address>", "<어떤 주소>"),
    ],
)
def test_what_keeps_all_has_no_breach(english: str, translation: str) -> None:
    assert list(breaches(english, translation)) == []


# --- a language that begins -----------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Language:
    """A course of one lesson, and a language with nothing but its settings."""
    (tmp_path / "notebooks").mkdir()
    cells = [
        new_markdown_cell("# 05 accept()\n\nLook.\n\nLook again.", id="title"),
        new_code_cell("print(1 + 1)", id="sum"),
    ]
    english = new_notebook(cells=cells, metadata=committed_form.METADATA)
    nbformat.write(english, tmp_path / "notebooks" / "05_accept.ipynb")
    folder = tmp_path / "translations" / "eo"
    folder.mkdir(parents=True)
    (folder / "language.toml").write_text('name = "Esperanto"\nuntranslated = "**[angla]**"\n')
    return language_of(folder, english=tmp_path / "notebooks")


def translate(course: Language, words: dict[str, str]) -> None:
    """What a translator does with the file."""
    (lesson,) = course.lessons
    update(lesson, course)
    path = course.po(lesson)
    file = po.read(path)
    for entry in file:
        if entry.msgid in words:
            entry.msgstr, entry.flags, entry.previous_msgid = words[entry.msgid], [], None
    path.write_text(po.text_of(file), encoding="utf-8")


def text_of_first_cell(course: Language) -> str:
    (lesson,) = course.lessons
    return str(nbformat.read(course.notebooks / lesson.name, as_version=4).cells[0].source)


@pytest.mark.linux_only
def test_a_new_language_is_a_folder_and_its_lessons_follow_the_english(course: Language) -> None:
    (lesson,) = course.lessons
    translate(course, {"Look.": "Rigardu.", "Look again.": "Rigardu denove."})
    make([lesson], course)
    made = nbformat.read(course.notebooks / lesson.name, as_version=4)
    assert (course.notebooks / MARKER).read_text() == "eo\n"
    assert committed_form.check(course.notebooks / lesson.name) == []
    assert made.cells[1].outputs[0].text == "2\n"
    assert made.cells[0].source == "# **[angla]** 05 accept()\n\nRigardu.\n\nRigardu denove."

    changed = (
        lesson.read_text().replace("Look again.", "Look once again.").replace("1 + 1", "2 + 3")
    )
    lesson.write_text(changed.replace("1 + 1", "2 + 3"))
    assert "behind" in "\n".join(flaws(lesson, course))
    update(lesson, course)
    assert list(flaws(lesson, course)) == []
    assert left(course.po(lesson), course).endswith("the English has changed in title")
    make([lesson], course)
    made = nbformat.read(course.notebooks / lesson.name, as_version=4)
    assert (made.cells[1].source, made.cells[1].outputs[0].text) == ("print(2 + 3)", "5\n")
    assert text_of_first_cell(course).endswith("**[angla]** Look once again.")


# --- the languages of this course -----------------------------------------------------------------

EACH = [(language, lesson) for language in languages() for lesson in language.lessons]


@pytest.mark.parametrize(
    ("language", "lesson"), EACH, ids=[f"{each.code}-{lesson.stem}" for each, lesson in EACH]
)
def test_every_po_file_is_up_to_date_and_keeps_its_promises(
    language: Language, lesson: Path
) -> None:
    assert not list(flaws(lesson, language))


@pytest.mark.parametrize("language", languages(), ids=lambda each: each.code)
def test_the_lessons_that_wait_for_a_translator_are_named(language: Language) -> None:
    """They stand there in English meanwhile. Nobody must know a language to change a lesson."""
    paths = [language.po(each) for each in language.lessons if language.po(each).exists()]
    waiting = [line for path in paths if "has changed" in (line := left(path, language))]
    if waiting:
        pytest.xfail("\n".join(waiting))


@pytest.mark.parametrize(
    ("language", "lesson"), EACH, ids=[f"{each.code}-{lesson.stem}" for each, lesson in EACH]
)
def test_every_translated_lesson_is_made_of_its_po_file(language: Language, lesson: Path) -> None:
    """Else: make translations."""
    path = language.notebooks / lesson.name
    assert path.exists() == language.po(lesson).exists()
    if path.exists():
        made = nbformat.read(path, as_version=4)
        wanted = lessons.made(lesson, language)
        assert [(cell.id, cell.cell_type, cell.metadata, cell.source) for cell in made.cells] == [
            (cell.id, cell.cell_type, cell.metadata, cell.source) for cell in wanted.cells
        ]
