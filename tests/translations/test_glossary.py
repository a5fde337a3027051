"""tools/translations/glossary.py: one word for one thing, and particles that fit what is read."""

from collections import defaultdict
from pathlib import Path

import pytest

from helpers.language import speaking
from tools.translations import glossary, po
from tools.translations.glossary import missing_terms, rows, second_words, wrong_particles
from tools.translations.language import Language, languages

TABLE = """\
| English | 한국어 | 읽기 | 쓰지 않는 말 |
|---|---|---|---|
| backlog | 백로그(backlog) | | 뒷줄 |
| peer | 상대(peer, 맞은편) | | 피어 |
| to kill | 강제로 끝내다 | | 죽이다, 살해 |
| error | 에러 | | 오류 |
| correction | 오류 정정 | | |
| `recv` | | 리시브 | |
"""


@pytest.fixture
def table(tmp_path: Path) -> tuple[glossary.Row, ...]:
    path = tmp_path / glossary.NAME
    path.write_text(TABLE, encoding="utf-8")
    return rows(path)


def test_a_glossary_says_how_names_are_read(tmp_path: Path) -> None:
    (tmp_path / glossary.NAME).write_text(TABLE, encoding="utf-8")
    assert glossary.readings(tmp_path / glossary.NAME) == {"recv": "리시브"}
    assert glossary.readings(tmp_path / "none.md") == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("피어가 없습니다.", "피어 is not used: 상대(peer, 맞은편) (peer)"),
        ("프로그램을 죽이고", "죽이다 is not used"),
        ("오류입니다.", "오류 is not used: 에러"),
        ("오류 정정의 오류", "오류 is not used: 에러"),
    ],
)
def test_a_second_word_for_a_thing_is_named(
    table: tuple[glossary.Row, ...], text: str, says: str
) -> None:
    assert says in "\n".join(second_words(text, table))


@pytest.mark.parametrize("text", ["`피어`를", "[상대](피어.ipynb)", "오류 정정", "{오류}"])
def test_code_and_words_with_another_in_them_are_no_second_word(
    table: tuple[glossary.Row, ...], text: str
) -> None:
    assert list(second_words(text, table)) == []


def test_a_term_is_said_with_its_word_or_quoted(table: tuple[glossary.Row, ...]) -> None:
    assert list(missing_terms("The backlogs", "줄", table)) == ["backlog is 백로그"]
    assert list(missing_terms("The peer", "맞은편", table)) == ["peer is 상대"]
    for english, said in [
        ("The backlog", "백로그"),
        ('It says "Backlog"', '"Backlog"라고 합니다'),
        ("`backlog=5`", "`backlog=5`"),
        ("A peerage", "귀족"),
    ]:
        assert list(missing_terms(english, said, table)) == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("`recv()`은", "는"),
        ("`conn.recv(1024)`을", "를"),
        ("`socket`가", "이"),
        ("[`accept()`](https://example.org/a)이", "가"),
        ("**`listen()`를**", "을"),
        ("`read_exactly(sock, n)`은", "는"),
        ("FIN를", "을"),
        ("3를", "을"),
        ("핸드셰이크(three-way handshake)은", "는"),
        ("`ConnectionResetError`을", "를"),
        ("`sendall()`으로", "로"),
        ("`listen()`로", "으로"),
        ('"Broken pipe"은', "는"),
    ],
)
def test_a_particle_that_does_not_fit_is_named(text: str, fits: str) -> None:
    with speaking("ko"):
        assert [each.partition(",")[0] for each in wrong_particles(text)] == [fits]


@pytest.mark.parametrize(
    "text",
    [
        "`recv()`는 `socket`을",
        "`recv()`와 `listen()`과",
        "IPv4이고 TCP이며",  # the copula may keep its first syllable
        "5개 3이상한 말이 아닌 것",
        '`("127.0.0.1", 0)`은 `{"a": 1}`를',  # nobody can say how these are read
        "{name}(은/는) 소켓을",
        "**소켓**(socket)은",
        '묻습니다. "이 연결이 아직 있나요?"',  # a word begins here
        "*이 셀*을 `recv()`에서",
    ],
)
def test_a_particle_that_fits_or_that_nobody_can_judge_is_left_alone(text: str) -> None:
    with speaking("ko"):
        assert list(wrong_particles(text)) == []


@pytest.mark.parametrize("language", languages(), ids=lambda each: each.code)
def test_the_same_english_is_translated_in_the_same_way_in_each_lesson(language: Language) -> None:
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for lesson in language.lessons:
        for entry in po.usable(po.read(language.po(lesson))):
            said[entry.msgid].setdefault(entry.msgstr, f"{lesson.stem}: {entry.msgctxt}")
    two = {english: forms for english, forms in said.items() if len(forms) > 1}
    assert not two


@pytest.mark.parametrize("language", languages(), ids=lambda language: language.code)
def test_a_row_has_four_columns_and_no_word_has_two(language: Language) -> None:
    """A merge can leave half a row, or two rows for one thing: nobody would say which one holds."""
    path = language.folder / glossary.NAME
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert [line for line in lines if line.count("|") != 5] == []
    said = defaultdict(set)
    for row in rows(path):
        said[row.english].add(row.said.partition("(")[0])
    assert {english: words for english, words in said.items() if len(words) > 1} == {}
