"""What a run showed is a key. Each key has words: in `check.toml`, or in the exercise's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from judged import NAMES, folder, get, solution, without_words

from helpers import exercises, recording
from helpers.exercises.folder import load
from helpers.exercises.values import OfType, Quoted, raised
from helpers.exercises.wording import Wording, check_words


@pytest.mark.parametrize("name", NAMES)
def test_what_is_expected_has_words(name: str) -> None:
    own = folder(name).words
    for scenario in get(name).scenarios:
        assert not [*without_words(own, scenario.expected)]


@pytest.mark.parametrize("name", NAMES)
def test_no_words_of_an_exercise_hide_those_of_all(name: str) -> None:
    own = folder(name).words
    assert not set(own.facts) & set(check_words()["facts"])
    assert not set(own.values) & {*check_words()["values"], *check_words()["ended"]}


def test_no_words_are_left_that_nothing_says() -> None:
    """A translator would translate them for nobody."""
    home = Path(exercises.__path__[0])
    sources = [*home.glob("*.py"), *home.glob("catalogue/*/exercise.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    tables = {**check_words(), **{name: folder(name).words.facts for name in NAMES}}
    tables |= {f"{name}, values": folder(name).words.values for name in NAMES}
    tables |= {f"{name}, placeholders": folder(name).words.placeholders for name in NAMES}
    for table, words in tables.items():
        for key in words:
            begins = re.split(r"\d|\{\}|(?<=listen_at )", key)[0]
            begins = re.escape(begins)
            if table == "who":  # a peer's name has spaces
                begins = begins.replace("_", "[_ ]")
            assert re.search(rf"[\"'.<]{begins}", code), f"[{table}] {key}"


WORDING = Wording(folder("greet").words)


@pytest.mark.parametrize(
    ("fact", "value", "says"),
    [
        ("ended", "waits_in accept", "it waits in accept(), and nothing more will come"),
        ("ended", "raised OSError EBADF", "it raised OSError EBADF"),
        ("ended", "raised_another ValueError", "it raised another ValueError"),
        ("ended", "raised \x1b[2J", "it raised \\x1b[2J"),
        ("socket", "open", "open"),
        ("socket", "nobody wrote words for it", "nobody wrote words for it"),
        ("returned_socket", ("udp", "ipv6", "closed"), "UDP, IPv6, closed"),
        ("shape", Quoted("end"), "end"),
        ("result", OfType("dict"), "a value of type dict"),
        ("returned", "open", "'open'"),
        ("returned", OfType("dict"), "'a value of type dict'"),
        ("returned", [None, [OfType("dict")]], "[None, ['a value of type dict']]"),
        ("returned", ["end", b"\x1b"], "['end', b'\\x1b']"),
        ("client_2.received", b"<own_port>!", "b'<own port>!'"),
        ("left_open", 2, "2"),
    ],
)
def test_a_value_in_words(fact: str, value: Any, says: str) -> None:
    assert WORDING.value(fact, value) == says


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        ("client_12.received", "client 12 received"),
        ("server.saw", "the server saw"),
        ("left_open", "sockets that it made and left open (they are closed now)"),
        ("unheard_of", "unheard_of"),
    ],
)
def test_a_fact_in_words(fact: str, says: str) -> None:
    assert WORDING.name(fact) == says


def test_an_error_with_the_name_of_one_of_pythons_is_another_one() -> None:
    timeout = type("TimeoutError", (Exception,), {})
    ended = type("MyEOFError", (EOFError,), {})
    assert raised(timeout()) == "raised_another TimeoutError"
    assert raised(ended()) == "raised EOFError"
    assert raised(OSError(9, "")) == "raised OSError EBADF"


REPORT = """\
✗ read_exactly: incorrect

✓ ✗ · · · · (1 of 6 peers got what they need)

The peer sends three pieces of three bytes. Four bytes are wanted.

  the peer sent: b'123', b'456', b'789'
  returned:
    expected  b'1234'
    found     b'123456'
                    ^
  left in the stream:
    expected  b'56789'
    found     b'789'
                ^

A known mistake: it returns more than n bytes.

Each recv() asked for more than was missing, and all of it was returned.

Next: Ask only for what is missing: sock.recv(n - len(data)).

For a hint: exercises.read_exactly.hint(). To see each call of this run:
exercises.read_exactly.timeline()"""


def test_a_report_from_its_first_line_to_its_last() -> None:
    code = folder("read_exactly").mistakes["it_returns_more_than_n_bytes"][0]
    with recording():
        report = get("read_exactly").check(load(code, "read_exactly", "wrong"))
    assert report.text() == REPORT


def test_all_that_a_solution_says() -> None:
    shown = get("read_exactly").solution(show=True)
    assert shown.text().startswith("read_exactly: solution\n\nEach recv() may give less than you")
    assert solution("read_exactly").strip().replace("\n", "\n  ") in shown.text()
    assert "\n\nAnother way. recv_into() writes" in shown.text()
