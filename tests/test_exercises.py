"""The exercises tell right programs from wrong ones, and say which mistake it is.

The programs that are judged here are those of the catalogues (`helpers/exercises/texts`), and
the other right ways of `ways.py`.
"""

from __future__ import annotations

import functools
import itertools
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from load import busy_cores
from ways import WAYS

from helpers import exercises, recording
from helpers.exercises.catalogue import Catalogue, catalogue, load
from helpers.exercises.engine import LIMIT, Exercise
from tools.notebooks import NOTEBOOKS

from pathlib import Path  # while exercises are being written

NAMES = [n for n in exercises.LESSONS if Path(f"helpers/exercises/texts/{n}.toml").exists()]


def get(name: str) -> Exercise:
    found: Exercise = getattr(exercises, name)
    return found


def mistakes() -> list[tuple[str, str, str, str]]:
    """Exercise, mistake, the scenario in which it shows, and a program with it."""
    return [
        (name, mistake.name, mistake.scenario, code)
        for name in NAMES
        for mistake in catalogue(name).mistakes
        for code in (mistake.code, *mistake.also)
    ]


def ids(rows: list[tuple[str, ...]]) -> list[str]:
    return [f"{row[0]}: {row[1]}" for row in rows]


def right() -> list[tuple[str, str, Callable[..., Any]]]:
    rows = []
    for name in NAMES:
        found = catalogue(name)
        rows.append((name, "solution", load(found.solution.code, name, "solution")))
        rows.append((name, "other way", load(found.other_way.code, name, "other way")))
        rows += [(name, title, way) for title, way in WAYS[name].items()]
    return rows


# --- the table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_starter_is_not_attempted(name: str) -> None:
    report = get(name).check(load(catalogue(name).starter, name, "starter"))
    assert report.outcome == "not attempted"


@pytest.mark.parametrize(("name", "title", "function"), right(), ids=ids(right()))
def test_a_right_program_is_correct(name: str, title: str, function: Callable[..., Any]) -> None:
    report = get(name).check(function)
    assert report.outcome == "correct", str(report)


@pytest.mark.parametrize(("name", "mistake", "scenario", "code"), mistakes(), ids=ids(mistakes()))
def test_a_wrong_program_gets_the_name_of_its_mistake(
    name: str, mistake: str, scenario: str, code: str
) -> None:
    started = time.monotonic()
    with recording():  # as in a notebook, where a cell is run when sockets are recorded
        report = get(name).check(load(code, name, "wrong"))
    assert (report.outcome, report.mistake, report.scenario) == ("incorrect", mistake, scenario), (
        str(report)
    )
    assert time.monotonic() - started < LIMIT


def test_there_are_more_than_seventy_wrong_programs() -> None:
    assert len(mistakes()) > 70
    for name in NAMES:
        assert len(catalogue(name).mistakes) >= 6, name


@functools.cache
def kills(name: str) -> dict[str, set[str]]:
    """For each scenario, the mistakes that it alone would find."""
    exercise = get(name)
    found: dict[str, set[str]] = {scenario.name: set() for scenario in exercise.scenarios}
    with recording():
        for (_, mistake, _, code), scenario in itertools.product(
            [row for row in mistakes() if row[0] == name], exercise.scenarios
        ):
            program = load(code, name, "wrong")
            facts = exercise.play(scenario, program, time.monotonic() + LIMIT).facts
            if facts != scenario.expected:
                found[scenario.name].add(mistake)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_finds_a_mistake_that_no_other_finds(name: str) -> None:
    found = kills(name)
    for scenario, mistakes_found in found.items():
        others = set().union(*(each for other, each in found.items() if other != scenario))
        assert mistakes_found - others, f"{scenario} finds only what others find: drop it"


# --- the catalogues -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_has_all_its_words(name: str) -> None:
    found: Catalogue = catalogue(name)
    assert found.signature.startswith(f"{name}(")
    assert len(found.hints) >= 3
    assert set(found.scenarios) == {scenario.name for scenario in get(name).scenarios}
    texts = [found.task, *found.hints, found.solution.why, found.other_way.why]
    for scenario in found.scenarios.values():
        texts += [scenario.peer, scenario.next]
    for mistake in found.mistakes:
        assert mistake.scenario in found.scenarios
        texts += [mistake.says, mistake.next]
    for text in texts:
        assert len(text.split()) >= 3, text
        assert text.rstrip().endswith((".", "?", ")", "`")), text
    names = [mistake.name for mistake in found.mistakes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_the_notebook_has_the_starter_and_the_check(name: str) -> None:
    path = next(NOTEBOOKS.glob(f"{exercises.LESSONS[name]}_*.ipynb"))
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells]
    assert catalogue(name).starter in sources
    check = f"exercises.{name}.check({name})"
    [place] = [place for place, source in enumerate(sources) if check in source]
    shown = cells[place].outputs[-1]["data"]["text/plain"]
    assert shown.startswith(f"○ {name}: not attempted yet")
