"""Text from outside is shown without harm, and no wider than it may be."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.live.source import Place
from helpers.text import columns, cut, cut_middle, distinct, pad, visible

SHOWN = {
    "listener": "listener",
    "café 한글 λ": "café 한글 λ",
    "<script>&": "<script>&",
    "\x1b[31mred": r"\x1b[31mred",
    "\x00\x7f\x9f": r"\x00\x7f\x9f",
    "one\ntwo\r\n\t": r"one\ntwo\r\n\t",
    "\u202eback\u2066": r"\u202eback\u2066",
    "\u200b\ufeff\u2028": r"\u200b\ufeff\u2028",
    "\xa0\u3000": r"\xa0\u3000",
    "\ue000\uffff\U000e0001": r"\ue000\uffff\U000e0001",
    "\ud800": r"\ud800",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items(), ids=map(ascii, SHOWN))
def test_what_does_not_print_is_written_as_python_would(text: str, shown: str) -> None:
    assert visible(text) == distinct(text) == shown


@pytest.mark.parametrize("show", [visible, distinct])
def test_a_byte_of_a_path_that_is_not_utf_8_shows_as_that_byte(show: Callable[[str], str]) -> None:
    path = b"/tmp/\xff\xc3\xa9\x80".decode("utf-8", "surrogateescape")
    assert show(path) == r"/tmp/\xffé\x80"


@pytest.mark.parametrize(
    "text", [repr(b"\x1b[31m\n\xff"), repr("a\\b\x00"), r'conn.sendall(b"hi\r\n")', r"C:\new"]
)
def test_source_reprs_and_messages_keep_their_backslashes(text: str) -> None:
    assert visible(text) == text


def test_a_name_with_a_backslash_does_not_look_like_an_escape() -> None:
    assert distinct(r"\x1b") == r"\\x1b"
    assert distinct("\x1b") == r"\x1b"


def test_a_picture_of_source_shows_it_as_it_was_written() -> None:
    place = Place(("def serve():", '\tconn.sendall(b"\\x1b\\n")'), 1, 2)
    assert place.text() == [
        (False, "  1  def serve():"),
        (True, '  2          conn.sendall(b"\\x1b\\n")'),
    ]


any_text = st.text(st.characters(codec=None) | st.sampled_from("\x1b\\\u202e\ud800\udcff한\u0301"))


@given(any_text)
def test_nothing_hostile_is_left(text: str) -> None:
    for shown in (visible(text), distinct(text)):
        assert shown.isprintable()
        element = ElementTree.Element("text")
        element.text = shown
        assert ElementTree.fromstring(ElementTree.tostring(element)).text == (shown or None)


@given(any_text)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text())
def test_no_two_texts_look_the_same(text: str) -> None:
    shown = distinct(text)
    assert shown.encode("ascii", "backslashreplace").decode("unicode_escape") == text


# Columns


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("conn", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("소켓", 4),
        ("\u1112\u1161\u11ab", 2),
        ("\uff21", 2),
        ("→", 1),
        ("👍🏽", 2),
        ("🇰🇷", 2),
        ("❤\ufe0f", 2),
    ],
)
def test_columns_are_those_of_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width


def test_a_text_that_fits_is_not_cut() -> None:
    assert cut("소켓 a", 6) == cut_middle("소켓 a", 6) == "소켓 a"


def test_a_cut_text_keeps_its_start_or_both_its_ends() -> None:
    assert cut("clients_of_the_server", 10) == "clients..."
    assert cut_middle("[2001:db8:1111:2222::1]:40213", 15) == "[2001:...:40213"
    assert cut("서버서버서버", 8) == "서버..."
    assert cut_middle("서버서버서버", 9) == "서...버"


def test_no_cut_comes_between_a_letter_and_its_accent() -> None:
    assert cut("e\u0301" * 9, 5) == "e\u0301" * 2 + "..."
    assert cut_middle("e\u0301" * 9, 5) == "e\u0301...e\u0301"


@given(any_text.map(visible), st.integers(3, 30))
def test_no_cut_or_padded_text_is_wider_than_asked(text: str, width: int) -> None:
    for shown in (cut(text, width), cut_middle(text, width)):
        assert columns(shown) <= width
        assert columns(pad(shown, width)) == width
