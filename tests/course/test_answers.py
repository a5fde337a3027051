"""What the learner has chosen is kept, and shown when the question is asked again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers import predict, recall
from helpers.course import progress_store, questions
from helpers.widgets import prediction
from helpers.widgets.question_card import NOTHING

NAME = "recv-exactly-five"
CELL = questions.prediction(NAME).cell
RECALLED = next(each for each in questions.lessons() if questions.of_lesson(each).recall)
Ran = Callable[[str], None]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ran]:
    """A shell. Call it with the id of a cell that has just run."""
    told: list[Callable[[Any], None]] = []
    events = SimpleNamespace(register=lambda name, function: told.append(function))
    monkeypatch.setattr(prediction, "get_ipython", lambda: SimpleNamespace(events=events, kernel=1))
    yield lambda cell: told[0](SimpleNamespace(info=SimpleNamespace(cell_id=cell)))
    prediction._watched.clear()
    prediction._waiting.clear()


def choose(asked: prediction.Asked, right: bool) -> None:
    asked.widget().chosen = [choice.right for choice in asked.question.choices].index(right)


def press(asked: prediction.Asked, what: str = "show") -> None:
    asked.widget()._handle_custom_msg({"do": what}, [])


def predicted(ran: Ran, right: bool) -> prediction.Asked:
    """The prediction is asked, answered, and its cell has run."""
    asked = predict(NAME)
    ran(f"ask-{CELL}")
    choose(asked, right)
    ran(CELL)
    return asked


def written(data: Path) -> Any:
    return json.loads((data / "progress.json").read_text())


@pytest.mark.parametrize("right", [True, False])
def test_a_prediction_that_is_asked_again_shows_what_was_answered(ran: Ran, right: bool) -> None:
    first = predicted(ran, right)
    again = predict(NAME).widget()
    assert again.chosen == first.widget().chosen
    assert again.over
    assert again.verdict == f"<p>You have answered this before.</p>{first.widget().verdict}"
    assert again.again == "Answer again"
    assert first.widget().again == ""


def test_it_may_be_answered_again_and_the_first_answer_stays_known(ran: Ran) -> None:
    predicted(ran, right=False)
    asked = predict(NAME)
    ran(f"ask-{CELL}")
    press(asked, "again")
    assert (asked.over, asked.widget().over, asked.widget().chosen) == (False, False, NOTHING)
    ran("another-cell")
    choose(asked, right=True)
    ran(CELL)
    assert "Right." in asked.widget().verdict
    kept = progress_store.load().answers[NAME]
    assert (kept.first_right, kept.last_right) == (False, True)
    assert kept.last == asked.question.right.text != kept.first


def test_its_cell_changes_nothing_of_what_is_shown(ran: Ran) -> None:
    predicted(ran, right=True)
    again = predict(NAME)
    ran(f"ask-{CELL}")
    shown = again.widget().verdict
    ran(CELL)
    assert again.widget().verdict == shown
    assert NAME not in prediction._waiting


def test_who_has_not_chosen_is_asked_as_for_the_first_time(ran: Ran, data: Path) -> None:
    asked = predict(NAME)
    ran(f"ask-{CELL}")
    ran(CELL)
    assert asked.over
    assert not data.exists()
    assert not predict(NAME).widget().over


def test_recall_shows_the_last_answer_and_only_a_right_one_ends_it() -> None:
    asked = recall(RECALLED).asked[0]
    choose(asked, right=False)
    press(asked)
    again = recall(RECALLED).asked[0]
    assert "Not this one." in again.widget().verdict
    assert not again.widget().over
    choose(again, right=True)
    press(again)
    last = recall(RECALLED).asked[0]
    assert last.widget().over
    assert "Right." in last.widget().verdict
    press(last, "again")
    assert (last.over, last.widget().verdict) == (False, "")


def test_an_answer_to_a_question_that_has_other_choices_now_is_not_shown(ran: Ran) -> None:
    progress_store.prediction_made(NAME, "a choice of an earlier edition", True)
    card = predict(NAME).widget()
    assert (card.over, card.chosen, card.verdict) == (False, NOTHING, "")


def test_what_a_cell_stores_says_nothing_of_the_answer(ran: Ran) -> None:
    before = {kind: predict(NAME).forms()[kind] for kind in ("text/plain", "text/html")}
    predicted(ran, right=False)
    assert {kind: predict(NAME).forms()[kind] for kind in before} == before


# --- the file -----------------------------------------------------------------------------------


def test_progress_of_the_first_edition_is_read_and_gets_answers(data: Path) -> None:
    data.mkdir()
    (data / "progress.json").write_text('{"exercises": ["ask"], "predictions": ["a"]}')
    progress_store.prediction_made("b", "It waits.", False)
    assert written(data) == {
        "version": 2,
        "exercises": ["ask"],
        "predictions": ["a", "b"],
        "answers": {
            "b": {
                **{"first": "It waits.", "first_right": False},
                **{"last": "It waits.", "last_right": False},
            }
        },
    }


def test_what_a_newer_version_has_written_of_answers_is_kept(data: Path) -> None:
    data.mkdir()
    entry = {"first": "x", "first_right": False, "last": "x", "last_right": False, "when": 7}
    newer = {"version": 3, "answers": {"a": entry, "b": {"tries": []}, "c": None}}
    (data / "progress.json").write_text(json.dumps(newer))
    assert set(progress_store.load().answers) == {"a"}
    progress_store.answered("a", "y", True)
    progress_store.answered("c", "z", True)
    kept = written(data)
    assert kept["version"] == 3
    assert kept["answers"]["a"] == {**entry, "last": "y", "last_right": True}
    assert kept["answers"]["b"] == {"tries": []}
    assert kept["answers"]["c"]["first"] == "z"


@pytest.mark.parametrize("answers", ["5", "[1]", '"text"', "null"])
def test_answers_that_are_none_set_the_file_aside(data: Path, answers: str) -> None:
    data.mkdir()
    (data / "progress.json").write_text(f'{{"answers": {answers}}}')
    assert "is damaged" in progress_store.load().problem
    assert progress_store.answered("a", "y", True) == ""
    assert (data / "progress-1.unreadable").exists()


def test_what_is_forgotten_is_asked_anew(ran: Ran) -> None:
    predicted(ran, right=True)
    progress_store.forget()
    assert not predict(NAME).widget().over
