"""The soak tells what was done and what failed, with what repeats it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import soak as tool
from bench import table

TESTS = """
import os

def test_well(record_property):
    record_property("done", int(os.environ["SOAK_SIZE"]) + 2)

def test_ill(record_property):
    record_property("done", 1)
    assert int(os.environ["SOAK_SEED"]) % 2, "the seed is even"
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A part of the soak that fails when its seed is even."""
    path = tmp_path / "test_made.py"
    path.write_text(TESTS)
    options = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "-o", "junit_family=legacy"]
    command = [sys.executable, "-m", "pytest", *options, str(path)]
    monkeypatch.setattr(tool, "command", lambda part: command)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # nbval takes 3 seconds to load
    return path


@pytest.mark.posix_only
def test_a_round_says_what_was_done(made: Path) -> None:
    found = tool.play("live", 1, seed=3, size=2)
    assert (found.done, found.failures, found.said) == (5, 0, "")
    assert found.megabytes > 5
    assert found.line().startswith("live       round   1  seed          3        5 steps ")


@pytest.mark.posix_only
def test_a_failure_is_told_with_its_seed_and_ends_the_soak_with_1(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = next(seed for seed in range(99) if tool.own_seed(seed, "live", 1) % 2 == 0)
    assert tool.main(["--minutes=0", f"--seed={seed}", "--size=1", "--only", "live"]) == 1
    printed = capsys.readouterr().out
    assert "the seed is even" in printed
    assert (
        f"Repeat: SOAK_SEED={tool.own_seed(seed, 'live', 1)} SOAK_SIZE=1 python -m pytest"
        in printed
    )
    assert "| live | 1 | 4 steps | 1 |" in printed


def test_the_same_seed_gives_the_same_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(part: str, number: int, seed: int, size: int) -> tool.Round:
        return tool.Round(part, number, seed, 1, 0, 1.0, 1.0)

    monkeypatch.setattr(tool, "play", play)
    first, again, other = (list(tool.rounds(["live", "views"], seed, 1, 0)) for seed in (1, 1, 2))
    assert first == again
    assert [each.part for each in first] == ["live", "views"]
    assert len({each.seed for each in (*first, *other)}) == 4


@pytest.mark.posix_only
def test_a_run_that_does_not_come_to_its_end_is_a_failure(made: Path) -> None:
    made.write_text("import os\n\ndef test_dies():\n    os.abort()\n")
    found = tool.play("live", 1, seed=3, size=1)
    assert (found.done, found.failures) == (0, 1)
    assert "Abort" in found.said


def test_the_summary_has_its_place_in_the_readme(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(tool.README.read_text(encoding="utf-8"), encoding="utf-8")
    rounds = [
        tool.Round("live", number, 7, 1000, number - 1, 60.0, 90.0 + number) for number in (1, 2)
    ]
    table.put(path, tool.summary(rounds), tool.BEGIN, tool.END)
    text = path.read_text(encoding="utf-8")
    assert "| live | 2 | 2,000 steps | 1 | 2.0 | 92 MB |" in text
    assert table.BEGIN in text


def test_every_part_has_its_tests_and_its_words() -> None:
    folder = Path(__file__).parent
    tests = {path.stem.removeprefix("test_soak_") for path in folder.glob("test_soak_*.py")}
    assert tests == {*tool.PARTS, "itself"}
    words = tool.README.read_text(encoding="utf-8")
    for part in tool.PARTS:
        assert f"| {part} | " in words
