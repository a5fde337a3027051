"""A class of thirty hands in three answers each: `make weekly`. With `-s` it prints its figures."""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from handed_in import content

from helpers import exercises
from helpers.grade.__main__ import main

LEARNERS = 30
NAMES = ("read_exactly", "greet", "open_listener")


def program(name: str, key: str) -> str:
    return getattr(exercises, name).folder.program(key)


def handed_in(number: int) -> dict[str, str]:
    """Every third learner is right, others make known mistakes, and two of ten do harm."""
    if number % 3 == 0:
        return {name: program(name, "solution") for name in NAMES}
    wrong = {
        "read_exactly": program("read_exactly", "mistakes/one_recv_is_taken_for_all_n_bytes"),
        "greet": program("greet", "mistakes/only_one_client_is_greeted"),
        "open_listener": program("open_listener", "mistakes/listen_is_missing"),
    }
    if number % 10 == 1:
        wrong["read_exactly"] = "def read_exactly(sock, n):\n    while True:\n        pass"
    if number % 10 == 2:
        wrong["read_exactly"] = "import os\ndef read_exactly(sock, n):\n    os._exit(0)"
    return wrong


def expected(number: int, exercise: str) -> set[str]:
    """The outcomes that this answer may have."""
    if number % 3 == 0:
        return {"correct"}
    if exercise == "read_exactly" and number % 10 == 1:
        return {"incorrect", "cannot check"}  # the machine may have been too busy to say it
    if exercise == "read_exactly" and number % 10 == 2:
        return {"cannot check"}
    return {"incorrect"}


@pytest.mark.weekly
def test_ninety_answers_are_graded_each_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "handed in"
    folder.mkdir()
    for number in range(LEARNERS):
        (folder / f"learner{number:02}.ipynb").write_bytes(content(**handed_in(number)))
    began, before = time.monotonic(), os.times()
    assert main([str(folder), "--out", str(tmp_path / "grades"), "--jobs", "2"]) == 0
    used = sum(os.times()[2:4]) - sum(before[2:4])
    print(f"\n{LEARNERS * len(NAMES)} answers in {time.monotonic() - began:.1f} s, two at a time: "
          f"{used:.0f} s of a processor")  # fmt: skip
    with open(tmp_path / "grades" / "grades.csv", encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    assert Counter(row["exercise"] for row in rows) == dict.fromkeys(NAMES, LEARNERS)
    for row in rows:
        number = int(row["learner"].removeprefix("learner"))
        assert row["outcome"] in expected(number, row["exercise"]), row
    right = LEARNERS // 3
    named = Counter(row["mistake"] for row in rows if row["exercise"] == "greet")
    assert named == {"": right, "only one client is greeted": LEARNERS - right}
