"""Which language the helpers speak: that of the notebook, and English where words are missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import language
from helpers.toml_file import BadFile, Forms, read_toml, texts_of
from helpers.words import Words


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that the helpers take for their own, with a file of words in it."""
    monkeypatch.setattr("helpers.toml_file.HELPERS", tmp_path)
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    monkeypatch.setattr(language, "_wanted", "")
    monkeypatch.delenv(language.VARIABLE, raising=False)
    (tmp_path / "words.toml").write_text(
        'hello = "Hello"\nwaits = "{name} waits"\n'
        'bytes = { one = "{count} byte", other = "{count} bytes" }\n'
        '[page]\nsend = "Send"\nclose = "Close"\n',
        encoding="utf-8",
    )
    language.language.cache_clear()
    yield tmp_path
    language.language.cache_clear()


def write(course: Path, code: str, plural: str = "0", **words: language.Translation) -> None:
    """A language with these words."""
    made = {"plural": plural, "words": {"words": words}}
    (course / f"{code}.json").write_text(json.dumps(made), encoding="utf-8")


def test_english_is_spoken_where_nothing_says_otherwise(course: Path) -> None:
    assert language.spoken() == "en"
    assert Words(course / "words.toml")["hello"] == "Hello"


def test_the_marker_of_the_folder_says_the_language_and_the_variable_goes_before_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(course, "aa", hello="Aa")
    write(course, "bb", hello="Bb")
    say = Words(course / "words.toml")
    (course / language.MARKER).write_text("aa\n", encoding="utf-8")
    language.read_marker(course)
    assert (language.spoken(), say["hello"]) == ("aa", "Aa")
    monkeypatch.setenv(language.VARIABLE, "bb")
    language.read_marker(course)
    assert (language.spoken(), say["hello"]) == ("bb", "Bb")
    monkeypatch.setenv(language.VARIABLE, "en")
    language.read_marker(course)
    assert (language.spoken(), say["hello"]) == ("en", "Hello")


@pytest.mark.parametrize("code", ["zz", "../words", "a/b", "", " ", "é", "aa.json", "C:\\aa"])
def test_a_language_that_is_not_there_is_english(
    course: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(language, "_wanted", code)
    assert language.spoken() == "en"
    assert Words(course / "words.toml")["hello"] == "Hello"


@pytest.mark.parametrize("marker", [b"", b"\xff\xfe", b"zz", None])
def test_a_marker_that_says_nothing_is_english(course: Path, marker: bytes | None) -> None:
    if marker is not None:
        (course / language.MARKER).write_bytes(marker)
    language.read_marker(course)
    assert language.spoken() == "en"


def test_what_a_language_does_not_have_is_said_in_english(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(course, "aa", hello="Aa")
    monkeypatch.setattr(language, "_wanted", "aa")
    say = Words(course / "words.toml")
    assert say("waits", name="conn") == "conn waits"
    assert [say.counted("bytes", count) for count in (1, 2)] == ["1 byte", "2 bytes"]
    assert say.part("page").all() == {"send": "Send", "close": "Close"}


def test_a_language_has_as_many_forms_as_its_grammar_needs(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    polish = "(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
    write(course, "pl", polish, bytes=["{count} bajt", "{count} bajty", "{count} bajtów"])
    write(course, "ko", bytes=["{count}바이트"])
    say = Words(course / "words.toml")
    monkeypatch.setattr(language, "_wanted", "pl")
    assert [say.counted("bytes", count) for count in (1, 3, 5)] == ["1 bajt", "3 bajty", "5 bajtów"]
    monkeypatch.setattr(language, "_wanted", "ko")
    assert [say.counted("bytes", count) for count in (1, 5_000)] == ["1바이트", "5,000바이트"]


def test_a_part_of_the_words_is_asked_by_its_own_keys(course: Path) -> None:
    part = Words(course / "words.toml").part("page")
    assert (part["send"], part.all()) == ("Send", {"send": "Send", "close": "Close"})
    with pytest.raises(KeyError):
        part["hello"]


def test_a_text_that_counts_is_asked_with_its_count_and_another_without(course: Path) -> None:
    say = Words(course / "words.toml")
    with pytest.raises(KeyError):
        say["bytes"]
    with pytest.raises(KeyError):
        say.counted("hello", 1)
    assert isinstance(texts_of(course / "words.toml")["bytes"], Forms)


def test_what_is_filled_in_is_never_a_placeholder(course: Path) -> None:
    assert Words(course / "words.toml")("waits", name="{name}(은/는)") == "{name}(은/는) waits"


def test_a_file_that_is_read_into_a_dataclass_is_translated_too(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(course, "aa", **{"page.send": "Aa"})
    (course / "words.toml").write_text('[page]\nsend = "Send"\nclose = "Close"\n')
    monkeypatch.setattr(language, "_wanted", "aa")
    read = read_toml(course / "words.toml", dict[str, dict[str, str]])
    assert read == {"page": {"send": "Aa", "close": "Close"}}


def test_a_file_of_words_that_is_wrong_is_named(course: Path) -> None:
    (course / "bad.toml").write_text("[")
    with pytest.raises(BadFile, match=r"bad\.toml"):
        Words(course / "bad.toml")["hello"]


def test_what_is_cached_is_cached_for_each_language(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(course, "aa", hello="Aa")
    read = []

    @language.cached
    def hello(end: str) -> str:
        read.append(language.spoken())
        return Words(course / "words.toml")["hello"] + end

    assert [hello("."), hello("."), hello("?")] == ["Hello.", "Hello.", "Hello?"]
    monkeypatch.setattr(language, "_wanted", "aa")
    assert [hello("."), hello(".")] == ["Aa.", "Aa."]
    assert read == ["en", "en", "aa"]


def test_another_language_may_be_spoken_for_a_while(course: Path) -> None:
    write(course, "aa", hello="Aa")
    say = Words(course / "words.toml")
    with language.speaking("aa"):
        assert say["hello"] == "Aa"
        with language.speaking("en"):
            assert say["hello"] == "Hello"
        assert say["hello"] == "Aa"
    assert say["hello"] == "Hello"


def test_the_environment_says_it_to_a_program_too(course: Path) -> None:
    code = "from helpers import language, view; print(language.spoken(), view.WORDS['picture'])"
    said = {
        wanted: subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {language.VARIABLE: wanted},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[0]
        for wanted in ("ko", "zz")
    }
    assert said == {"ko": "ko", "zz": "en"}
