"""A Korean particle fits the word before it, whatever is filled in: 서버는, 소켓은."""

from __future__ import annotations

import pytest

from helpers import language
from helpers.particles import PAIRS, filled

SPOKEN = {
    "서버": "는 가 를 로",
    "소켓": "은 이 을 으로",
    "터널": "은 이 을 로",
    "'서버'": "는 가 를 로",
    "소켓(socket)": "은 이 을 으로",
    "<b>서버</b>": "는 가 를 로",
    "서버 (1번)": "는 가 를 로",
    "1024": "는 가 를 로",
    "128": "은 이 을 로",
    "500": "은 이 을 으로",
    "client_2": "는 가 를 로",
    "192.168.0.1": "은 이 을 로",
    "TCP": "는 가 를 로",
    "FIN": "은 이 을 으로",
    "SSL": "은 이 을 로",
    "server": "는 가 를 로",
    "listener": "는 가 를 로",
    "client": "는 가 를 로",
    "socket": "은 이 을 으로",
    "conn": "은 이 을 으로",
    "line": "은 이 을 으로",
    "file": "은 이 을 로",
    "string": "은 이 을 으로",
    "accept": "는 가 를 로",
    "bind": "는 가 를 로",
    "sendall()": "은 이 을 로",
    "conn.recv(1024)": "는 가 를 로",
    "`conn.close()`": "는 가 를 로",
    "max_total": "은 이 을 로",
}


@pytest.mark.parametrize("word", SPOKEN)
def test_each_particle_fits_the_word_that_is_filled_in(word: str) -> None:
    particles = [
        filled(f"{{word}}({pair})", word=word).removeprefix(word)
        for pair in ("은/는", "이/가", "을/를", "으로/로")
    ]
    assert " ".join(particles) == SPOKEN[word]


@pytest.mark.parametrize(
    ("word", "said"),
    [("recv", "recv는"), ("b''", "b''은"), ("`b''`", "`b''`은"), ("my_recv", "my_recv는")],
)
def test_a_word_of_code_is_read_as_the_glossary_says(
    word: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = language.Language(readings={"recv": "리시브", "b''": "빈 바이트열"})
    monkeypatch.setattr(language, "now", lambda: spoken)
    assert filled("{word}(은/는)", word=word) == said


@pytest.mark.parametrize(
    "word",
    [
        "127.0.0.1:40213",
        "[::1]:8880",
        "port 8888",
        "포트 40213",
        "fd=7",
        "",
        "?",
        "½",
        "→",
        "()",
        "Δ",
    ],
)
def test_what_nobody_can_read_gets_both_forms(word: str) -> None:
    assert filled("{word}(은/는)", word=word) == f"{word}은(는)"
    assert filled("{word}(으로/로)", word=word) == f"{word}(으)로"


def test_several_words_each_have_their_own() -> None:
    pattern = "{a}(이/가) {b}(을/를) 기다립니다. {a}(은/는) {b}(과/와) 같습니다."
    said = filled(pattern, a="서버", b="소켓")
    assert said == "서버가 소켓을 기다립니다. 서버는 소켓과 같습니다."


def test_what_is_filled_in_has_no_particles_of_its_own() -> None:
    assert filled("{a}(은/는) x", a="값(은/는)") == "값(은/는)은 x"


def test_other_brackets_and_slashes_stay() -> None:
    assert filled("(서버/클라이언트) {a} (is/are)", a="x") == "(서버/클라이언트) x (is/are)"
    assert filled("1/2 {} {}", "a", 3) == "1/2 a 3"


@pytest.mark.parametrize("pair", PAIRS)
def test_each_pair_is_known(pair: str) -> None:
    after_consonant, after_vowel = pair.split("/")
    assert filled(f"{{a}}({pair})", a="문") == f"문{after_consonant}"
    assert filled(f"{{a}}({pair})", a="서버") == f"서버{after_vowel}"
