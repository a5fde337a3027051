"""The bytes of a ladder as characters: whole, cut, and not where nobody can say."""

from __future__ import annotations

import itertools
import random
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import CELL, CLIENT, CONN, SERVER, Scene, echo

from helpers.ladder import characters, style
from helpers.ladder.saying import WORDS
from helpers.ladder.timeline import Timeline
from helpers.record.events import Constant
from helpers.text import HALF, Utf8, at_words

HELLO = "안녕".encode()


def shown(*pieces: bytes) -> str:
    """What is said of a stream with these pieces; "" if it would teach nothing."""
    text = Utf8()
    for piece in pieces:
        text.feed(piece)
    return text.shown if text.teaches else ""


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([HELLO], "안녕"),
        ([HELLO[:4], HELLO[4:]], "안 | ½녕"),
        ([HELLO[:3], HELLO[3:]], "안 | 녕"),
        ([HELLO[:2], HELLO[2:4], HELLO[4:]], "½ | ½안 | ½녕"),
        ([bytes([each]) for each in HELLO], "½ | ½ | ½안 | ½ | ½ | ½녕"),
        ([HELLO[:5]], "안½"),
        ([HELLO[:3], HELLO[3:5]], "안 | ½"),
        (["café".encode()[:4], "café".encode()[4:], b"!"], "caf | ½é | !"),
        (["🙂".encode()[:2], "🙂".encode()[2:]], "½ | ½🙂"),
        ([HELLO, b""], "안녕"),
        (["안\x1b[31m\u202e".encode()], r"안\x1b[31m\u202e"),
        ([b"hello", b"\n"], ""),  # Python prints the same
        ([b"\xff\xfe"], ""),
        ([HELLO, b"\xff"], ""),  # no text, or not all of it
        ([HELLO[:1]], ""),  # nobody knows yet what it will be
        ([], ""),
    ],
)
def test_a_character_is_shown_where_it_becomes_whole(pieces: list[bytes], said: str) -> None:
    assert shown(*pieces) == said


@given(st.text(min_size=1), st.integers(0, 2**32))
def test_wherever_a_text_is_cut_its_characters_stay(text: str, seed: int) -> None:
    text = "é" + text.replace(HALF, "").encode("utf-8", "ignore").decode()
    data = text.encode()
    chance = random.Random(seed)
    cuts = sorted({0, len(data), *(chance.randrange(len(data) + 1) for _ in range(5))})
    pieces = [data[start:end] for start, end in itertools.pairwise(cuts)]
    assert shown(*pieces).replace(" | ", "").replace(HALF, "") == shown(data)


def test_a_ladder_says_below_its_picture_what_the_bytes_say() -> None:
    scene = Scene().connection()
    sent = scene.send(CELL, CLIENT, "client", HELLO)
    scene.recv(SERVER, CONN, "conn", HELLO[:4], (sent, 4))
    scene.recv(SERVER, CONN, "conn", HELLO[4:], (sent, 2))
    assert characters.lines(scene.events) == "client.sendall()  안녕\nconn.recv()  안 | ½녕"
    page = unescape(re.sub(r"<[^>]*>", "\n", Timeline(scene.events).html()))
    assert "conn.recv()  안 | ½녕" in page
    assert WORDS("half", half=HALF) in page
    assert WORDS["characters"] not in Timeline(echo().events).html()


def test_what_was_only_looked_at_is_not_said_twice() -> None:
    scene = Scene().connection()
    for flags in ((Constant("MSG_PEEK"),), ()):
        scene.call(SERVER, CONN, "conn", "recv", 9, *flags, data=HELLO, size=len(HELLO))
    assert characters.lines(scene.events) == "conn.recv()  안녕"


def test_what_is_not_kept_whole_is_not_guessed() -> None:
    scene = Scene().connection()
    scene.send(CELL, CLIENT, "client", HELLO * 20)  # 120 bytes, of which an event keeps 64
    scene.send(CELL, CLIENT, "client", HELLO)
    assert characters.lines(scene.events) == ""


def test_no_letter_of_a_picture_is_smaller_than_12_pixels() -> None:
    sizes = re.findall(r"font-size:(\d+)px", Timeline(echo().events).svg())
    assert sizes
    assert min(map(int, sizes)) == min(style.FONT, style.LABEL_FONT) >= 12


@pytest.mark.parametrize(
    "message",
    [
        "every side waits, and nothing is in flight between them:\n  this cell    waits in "
        "client.recv(1024) for 127.0.0.1:54321 to send\n  echo_server  waits in conn.recv(1024)",
        "word " * 60,
        "  a server  " + "word " * 60,
        "x" * 300,
        "\n\n",
        "",
    ],
)
def test_a_long_message_is_broken_between_words(message: str) -> None:
    lines = at_words(message).split("\n")
    assert " ".join(" ".join(lines).split()) == " ".join(message.split())
    for line in lines:
        assert len(line) <= 72 or " " not in line.strip()
