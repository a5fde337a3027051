"""The whole table of exercise programs, in random order, while the cores are busy."""

from __future__ import annotations

from judged import get, mistakes, right
from load import busy_cores

from helpers import recording
from helpers.exercises.engine import LIMIT
from helpers.exercises.fair_time import FairTime
from helpers.exercises.folder import load
from soak.plan import Soak

FEW = 6
"""Programs of each kind in `make test`, which judges each of them once on a machine at rest."""


def test_right_programs_stay_correct(soak: Soak) -> None:
    with busy_cores(), recording():
        for name, title, code in soak.some(right(), FEW):
            clock = FairTime()
            report = get(name).check(load(code, name, title))
            assert report.outcome == "correct", f"{name}, {title}: {report}"
            assert clock.elapsed() < LIMIT, f"{name}, {title}"
            soak.done += 1


def test_wrong_programs_keep_the_name_of_their_mistake(soak: Soak) -> None:
    with busy_cores(), recording():
        for name, mistake, scenario, code in soak.some(mistakes(), FEW):
            report = get(name).check(load(code, name, "wrong"))
            found = (report.outcome, report.mistake, report.scenario)
            assert found == ("incorrect", mistake, scenario), f"{name}: {report}"
            soak.done += 1
