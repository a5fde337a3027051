"""tools/translations/labels.py: a lesson quotes the instruments as they speak in its language."""

from pathlib import Path

import pytest

from tools.translations.labels import breaches

WORDS = """\
msgctxt "kernel/words: head.dropped"
msgid "dropped"
msgstr "버려짐"

msgctxt "kernel/words: value.other"
msgid "other"
msgstr "기타"

msgctxt "ladder/words: arrow.cut"
msgid "cut: {size} of {sent}"
msgstr "잘림: {sent} 중 {size}"

msgctxt "ladder/words: arrow.bytes"
msgid "{size} byte"
msgid_plural "{size} bytes"
msgstr[0] "{size}바이트"

msgctxt "ladder/words: arrow.not yet"
msgid "not translated"
msgstr ""

msgctxt "course/words: map.nothing"
msgid "nothing"
msgstr "없음"
"""


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "words.po"
    path.write_text(WORDS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("english", "translation"),
    [
        ("*dropped* counts them.", "*버려짐* 열이 그 수입니다."),
        ("The table says *dropped*.", "표의 *dropped*입니다."),  # it stays English
        ("**cut: 1 of 5**, says the ladder.", "사다리 그림에 **잘림: 5 중 1**이라고 나옵니다."),
        ("*1,000 bytes.* All came.", "*1,000바이트*. 모두 왔습니다."),
        ("The datagrams were dropped.", "데이터그램을 버렸습니다."),  # a word of the sentence
        ("The *other* side.", "*상대* 쪽."),
        ("Send *nothing*.", "*아무것도* 보내지 않습니다."),  # no instrument says it in a lesson
        ("*not translated*", "*번역 안 됨*"),
        ("*cut: one of many*", "*여럿 중 하나*"),  # no number: nobody knows what was filled in
    ],
)
def test_a_quotation_that_a_learner_finds_is_right(
    words: Path, english: str, translation: str
) -> None:
    assert not [*breaches(english, translation, words)]


@pytest.mark.parametrize(
    ("english", "translation", "says"),
    [
        ("*dropped* counts them.", "*버려진 데이터그램* 수입니다.", "버려짐 for dropped"),
        ("*cut: 1 of 5*, says the ladder.", "1바이트만 남고 *잘렸습니다*.", "잘림: 5 중 1 for cut"),
        ("*5 bytes* came.", "*다섯 바이트*가 왔습니다.", "5바이트 for 5 bytes"),
    ],
)
def test_a_quotation_that_no_instrument_says_is_named(
    words: Path, english: str, translation: str, says: str
) -> None:
    (breach,) = breaches(english, translation, words)
    assert says in breach


def test_a_language_without_words_has_nothing_to_quote(tmp_path: Path) -> None:
    assert not [*breaches("*dropped*", "*faligita*", tmp_path / "words.po")]
