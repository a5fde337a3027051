"""An exercise is a folder: one that is added is there, a wrong one says what is missing."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from judged import NAMES, folder

from helpers import exercises, recording
from helpers.course import lessons
from helpers.exercises.discovery import folders
from helpers.exercises.engine import exercise_in
from helpers.exercises.folder import load
from helpers.toml_file import BadFile
from helpers.widgets.check_card import report_card

WORDS = """
lesson = "09"
minutes = 10
signature = "send_one(sock)"
task = "Send one byte."
hints = ["Use send()."]
solution.why = "It sends one byte."
other_way.why = "So does this one."

[scenarios."a reader"]
peer = "The peer reads to the end."
next = "Which call sends?"

[mistakes.two]
name = "it sends two bytes"
scenario = "a reader"
says = "Your function sent two bytes."
next = "Send one."
"""

PEERS = """
from helpers.exercises.scenario import Scenario


def play(stage):
    peer, sock = stage.pair()
    stage.start(sock)
    stage.hear(peer, "peer")
    stage.finish()


SCENARIOS = (
    Scenario("a reader", play, {"peer.received": b"x", "ended": "returned", "returned": None}),
)
"""


@pytest.fixture
def added(tmp_path: Path) -> Path:
    """The folder of one more exercise, in a catalogue of its own."""
    path = tmp_path / "send_one"
    (path / "mistakes").mkdir(parents=True)
    (path / "words.toml").write_text(WORDS)
    (path / "exercise.py").write_text(PEERS)
    for name, sent in {
        "starter": "...",
        "solution": "sock.sendall(b'x')",
        "other_way": "sock.send(b'x')",
        "mistakes/two": "sock.sendall(b'xx')",
        "mistakes/two_2": "sock.sendall(b'x' * 2)",
        "mistakes/two_10": "sock.sendall(b'xxx')",
    }.items():
        (path / f"{name}.py").write_text(f"def send_one(sock):\n    {sent}\n")
    return path


def test_a_folder_is_all_that_an_exercise_needs(added: Path) -> None:
    found = folders(added.parent)["send_one"]
    send_one = exercise_in(found)
    with recording():
        assert str(send_one.solution()).startswith("send_one: solution\n\nTry it first")
        assert send_one.check(load(found.program("starter"), "send_one", "")).outcome == (
            "not attempted"
        )
        assert send_one.check(load(found.program("solution"), "send_one", "")).outcome == "correct"
        for code in found.mistakes["two"]:
            assert send_one.check(load(code, "send_one", "")).mistake == "it sends two bytes"
    assert "sock.send(b'x')" in str(send_one.solution())


def test_a_program_that_is_cut_off_gives_no_mistake_its_name(added: Path) -> None:
    """On a busy machine any program may be: then it does as a loop without end does."""
    loop = "def send_one(sock):\n    while True:\n        pass\n"
    for program in (added / "mistakes").iterdir():
        program.write_text(loop)
    send_one = exercise_in(folders(added.parent)["send_one"])
    with recording():
        report = send_one.check(load(loop, "send_one", ""))
    assert (report.outcome, report.mistake) == ("cannot check", "")


def test_what_a_system_cannot_play_is_left_out_and_the_report_says_so(added: Path) -> None:
    code = PEERS.replace('"returned": None}),', '"returned": None}, runs_here=False),')
    played = (
        'Scenario("none", play, {"ended": "returned", "returned": None, "peer.received": b"x"})'
    )
    code = code.replace("SCENARIOS = (", f"SCENARIOS = (\n    {played},")
    (added / "exercise.py").write_text(code, encoding="utf-8")
    words = WORDS + '\n[scenarios.none]\npeer = "Nobody reads."\nnext = "Look."\n'
    (added / "words.toml").write_text(words, encoding="utf-8")
    exercise = exercise_in(folders(added.parent)["send_one"])
    report = exercise.check(load(exercise.folder.program("solution"), "send_one", "solution"))
    assert report.outcome == "correct", str(report)
    assert (report.tried, report.left_out) == (("none",), ("a reader",))
    assert "Not tried, because this system cannot play it: The peer reads" in str(report)


def test_where_a_system_can_play_nothing_no_program_is_called_correct(added: Path) -> None:
    code = PEERS.replace('"returned": None}),', '"returned": None}, runs_here=False),')
    (added / "exercise.py").write_text(code, encoding="utf-8")
    exercise = exercise_in(folders(added.parent)["send_one"])
    report = exercise.check(load(exercise.folder.program("solution"), "send_one", "solution"))
    assert (report.outcome, report.tried, report.left_out) == ("cannot check", (), ("a reader",))
    assert "Not tried, because this system cannot play it: The peer reads" in str(report)
    assert [state for _, state in report.peers] == ["waits"]
    assert report_card(report).outcome == "cannot check"


def test_a_program_is_compiled_as_it_is_written() -> None:
    """Its annotations are what they say, and no text, as in a cell: a dataclass looks at them."""
    code = """
from dataclasses import dataclass

@dataclass
class Reader:
    size: int

def read_exactly(sock, n):
    return Reader(n)
"""
    assert load(code, "read_exactly", "test").__globals__["Reader"].__annotations__ == {"size": int}


def test_the_programs_with_a_mistake_come_by_their_number(added: Path) -> None:
    sent = [code.split("sendall(")[1] for code in folders(added.parent)["send_one"].mistakes["two"]]
    assert sent == ["b'xx')\n", "b'x' * 2)\n", "b'xxx')\n"]


def drop_peer(path: Path) -> None:
    (path / "words.toml").write_text(WORDS.replace("peer = ", "# "))


def misspell(path: Path) -> None:
    (path / "words.toml").write_text(WORDS.replace("says =", "sais ="))


def empty(path: Path) -> None:
    (path / "words.toml").write_text(WORDS.replace('"Send one."', '" "'))


def one_hint(path: Path) -> None:
    (path / "words.toml").write_text(WORDS.replace('["Use send()."]', '"Use send()."'))


def number(path: Path) -> None:
    (path / "words.toml").write_text(WORDS.replace('"Send one byte."', "1"))


def break_off(path: Path) -> None:
    (path / "words.toml").write_text(WORDS + "[")


def add_program(path: Path) -> None:
    (path / "mistakes" / "none.py").write_text("")


def remove_programs(path: Path) -> None:
    for program in (path / "mistakes").iterdir():
        program.unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (drop_peer, r"toml: the key 'peer' is missing @ \$\.scenarios\['a reader'\]"),
        (misspell, r"toml: .*unknown key 'sais' @ \$\.mistakes\['two'\]"),
        (
            empty,
            r"^send_one/words\.toml: a text is needed, and not ' ' @ \$\.mistakes\['two'\]\.next",
        ),
        (one_hint, r"toml: a list of texts is needed, and not 'Use send\(\)\.' @ \$\.hints"),
        (number, r"toml: a text is needed, and not 1 @ \$\.task"),
        (break_off, r"^send_one/words\.toml: .*at end of document"),
        (add_program, r"^send_one/words\.toml: no words for mistakes/none\.py"),
        (remove_programs, r"^send_one/mistakes: there is no two\.py"),
    ],
)
def test_a_folder_that_is_wrong_is_refused_with_the_file_and_the_key(
    added: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(added)
    with pytest.raises(BadFile, match=says):
        _ = folders(added.parent)["send_one"].mistakes


def test_no_module_has_the_name_of_an_exercise() -> None:
    modules = {module.name for module in pkgutil.iter_modules(exercises.__path__)}
    assert not modules & set(NAMES)


def test_the_exercises_of_the_lessons_are_those_of_the_folders() -> None:
    assert [name for lesson in lessons.LESSONS for name in lesson.exercises] == NAMES
    assert set(exercises.__all__) == set(NAMES)
    assert all(folder(name).words.signature.startswith(f"{name}(") for name in NAMES)
