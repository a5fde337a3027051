"""Each exercise tells its right programs from its wrong ones, and has all its words."""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import NAMES, folder, get, ids, mistakes, program, right, without_words
from load import busy_cores

from helpers import recording
from helpers.exercises.catalogue.read_exactly.exercise import exactly
from helpers.exercises.catalogue.read_lines.exercise import lines
from helpers.exercises.catalogue.read_text.exercise import text as text_in_pieces
from helpers.exercises.engine import LIMIT
from helpers.exercises.fair_time import FairTime
from helpers.exercises.folder import load
from helpers.exercises.quotes import peer_words, sent_by
from helpers.exercises.scenario import Scenario
from helpers.exercises.values import Key
from tools.notebooks import NOTEBOOKS

# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_starter_is_not_attempted(name: str) -> None:
    report = get(name).check(load(folder(name).program("starter"), name, "starter"))
    assert report.outcome == "not attempted"


@pytest.mark.parametrize(("name", "title", "code"), right(), ids=ids(right()))
def test_a_right_program_is_correct(name: str, title: str, code: str) -> None:
    clock = FairTime()
    report = get(name).check(load(code, name, title))
    assert report.outcome == "correct", str(report)
    assert clock.elapsed() < LIMIT / 2  # half of it is for slower machines than this one


def wrong() -> Iterator[Any]:
    """Each program with a known mistake. Every day the first one of each is tried."""
    seen = set()
    for row, title in zip(mistakes(), ids(mistakes()), strict=True):
        yield pytest.param(*row, id=title, marks=[pytest.mark.weekly] if title in seen else [])
        seen.add(title)


@pytest.mark.parametrize(("name", "mistake", "scenario", "code"), [*wrong()])
def test_a_wrong_program_gets_the_name_of_its_mistake(
    name: str, mistake: str, scenario: str, code: str
) -> None:
    clock = FairTime()
    with program(code, name) as function:
        report = get(name).check(function)
    assert (report.outcome, report.mistake, report.scenario) == ("incorrect", mistake, scenario), (
        str(report)
    )
    assert not [*without_words(folder(name).words, report.facts)]
    senders = {pieces[0].name for pieces in sent_by(report.events)}
    assert not [sender for sender in senders if not peer_words(sender)]
    assert clock.elapsed() < LIMIT


def test_there_are_more_than_seventy_wrong_programs() -> None:
    assert len(mistakes()) > 70
    for name in NAMES:
        assert len(folder(name).mistakes) >= 6, name


def fails(name: str, code: str, scenario: Scenario) -> bool:
    """Whether the scenario finds something wrong with a program."""
    with program(code, name) as function:
        stage = get(name).play(scenario, function, time.monotonic() + LIMIT)
    return not scenario.accepts(stage.facts)


def is_found_by_no_other(name: str, programs: tuple[str, ...], scenario: Scenario) -> bool:
    """Whether a mistake shows in this scenario, and with no program of it in a later one.

    Where it shows first is known: each of them passes the scenarios before (the test above).
    """
    scenarios = get(name).scenarios
    later = scenarios[scenarios.index(scenario) + 1 :]
    return any(fails(name, code, scenario) for code in programs) and not any(
        fails(name, code, other) for other in later for code in programs
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_finds_a_mistake_that_no_other_finds(name: str) -> None:
    found = folder(name)
    for scenario in get(name).scenarios:
        assert any(
            is_found_by_no_other(name, found.mistakes[key][:1], scenario)
            for key, mistake in found.words.mistakes.items()
            if mistake.scenario == scenario.name  # it shows in no scenario before this one
        ), f"{scenario.name} finds only what others find: drop it"


# --- the catalogues -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_has_all_its_words(name: str) -> None:
    found = folder(name).words
    assert found.signature.startswith(f"{name}(")
    assert len(found.hints) >= 3
    assert [*found.scenarios] == [scenario.name for scenario in get(name).scenarios]
    texts = [found.task, *found.hints, found.solution.why, found.other_way.why]
    for scenario in found.scenarios.values():
        texts += [scenario.peer, scenario.next]
    for mistake in found.mistakes.values():
        assert mistake.scenario in found.scenarios
        texts += [mistake.says, mistake.next]
    for text in texts:
        assert len(text.split()) >= 3, text
        assert text.rstrip().endswith((".", "?", ")", "`")), text
    names = [mistake.name for mistake in found.mistakes.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_has_the_starter_and_the_check(name: str) -> None:
    path = next(NOTEBOOKS.glob(f"{folder(name).words.lesson}_*.ipynb"))
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells]
    assert folder(name).program("starter").strip() in sources
    check = f"exercises.{name}.check({name})"
    [place] = [place for place, source in enumerate(sources) if check in source]
    shown = cells[place].outputs[-1]["data"]["text/plain"]
    assert shown.startswith(f"○ {name}: not attempted yet")


# --- every way to split a stream ----------------------------------------------------------------

STREAMS = {
    "read_exactly": b"12345678",
    "read_lines": "하나\n\n b\rc \nx".encode(),
    "read_text": "a안b😀".encode(),
}
"""What the peer sends: each has all that its mistakes stumble over."""


def in_pieces(name: str, stream: bytes, cuts: set[int]) -> Scenario:
    """The peer sends the stream in these pieces, and ends."""
    places = [0, *sorted(cuts), len(stream)]
    pieces = [stream[start:stop] for start, stop in itertools.pairwise(places)]
    if name == "read_exactly":
        expected = {"returned": stream[:5], "left_in_stream": stream[5:]}
        play = functools.partial(exactly, ends=True)
    elif name == "read_lines":
        expected = {"returned": Key("its_lines"), "lines": stream.split(b"\n")}
        play = lines
    else:
        expected = {"returned": stream.decode(), "left_in_stream": b""}
        play = text_in_pieces
    facts = {"ended": "returned", **expected, "socket": "open"}
    return Scenario("in pieces", lambda stage: play(stage, *pieces), facts)


def agrees(name: str, scenario: Scenario, function: Callable[..., Any]) -> bool:
    stage = get(name).play(scenario, function, time.monotonic() + LIMIT)
    return stage.facts == scenario.expected


@pytest.mark.parametrize("name", STREAMS)
@given(data=st.data())
def test_every_split_of_the_stream_gives_the_same_answer(name: str, data: st.DataObject) -> None:
    stream = STREAMS[name]
    cuts = data.draw(st.sets(st.integers(1, len(stream) - 1)))
    with recording():
        for title in ("solution", "other_way"):
            code = folder(name).program(title)
            assert agrees(name, in_pieces(name, stream, cuts), load(code, name, title))


# --- speed --------------------------------------------------------------------------------------


def test_a_check_does_not_wait_for_the_clock() -> None:
    """On busy cores that would show in the limit. The soak does the same with every program."""
    with busy_cores(), recording():
        played = [name for name in NAMES if any(x.runs_here for x in get(name).scenarios)]
        for name, title in itertools.product(played, ("solution", "other_way")):
            function = load(folder(name).program(title), name, title)
            clock = FairTime()
            assert get(name).check(function).outcome == "correct"
            assert clock.elapsed() < LIMIT, f"{name}, {title}"


def seconds_of_a_wrong_program() -> float:
    """Of the processor, until a mistake that leaks a socket has its name. The least of three."""
    exercise, (_, mistake, _, code) = get("greet"), mistakes("greet")[0]
    found = []
    for _ in range(3):
        exercise._known.clear()
        used = time.process_time()
        report = exercise.check(load(code, "greet", "wrong"))
        found.append(time.process_time() - used)
        assert report.mistake == mistake
    return min(found)


def test_a_check_takes_no_longer_where_much_is_in_memory() -> None:
    with recording():
        little = seconds_of_a_wrong_program()
        held = [[each] for each in range(1_000_000)]
        assert seconds_of_a_wrong_program() < 3 * little
        assert len(held) == 1_000_000
