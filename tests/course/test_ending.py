"""What a learner is told at the end of a lesson, and at the head of the next: from own answers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers import progress, recall
from helpers.course import ending, progress_store, questions, sections
from helpers.course.lessons import LESSONS
from helpers.widgets import ending as ending_widget
from helpers.widgets import prediction

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
WITH_EXERCISES = next(each for each in LESSONS if each.exercises and each.predictions)
WITH_RECALL = [each for each in LESSONS if questions.of_lesson(each.number).recall][-1]


@pytest.fixture(autouse=True)
def _in_the_lessons_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "data"))
    monkeypatch.chdir(NOTEBOOKS)


def made(name: str, *rights: bool) -> None:
    """The prediction was answered so, one time after the other."""
    choices = questions.prediction(name).choices
    for right in rights:
        chosen = next(each.text for each in choices if each.right is right)
        progress_store.prediction_made(name, chosen, right)


# --- the end of a lesson ------------------------------------------------------------------------


def test_the_line_counts_what_was_done_and_links_what_is_next() -> None:
    first, second, *_ = WITH_EXERCISES.predictions
    made(first, True)
    made(second, False, True)
    progress_store.exercise_passed(WITH_EXERCISES.exercises[0])
    line = ending.as_page(WITH_EXERCISES, progress_store.load())
    assert f"You have made 2 of {len(WITH_EXERCISES.predictions)} predictions." in line
    assert "At the first try, 1 of them were right." in line
    assert f"You have passed 1 of {len(WITH_EXERCISES.exercises)} exercise" in line
    after = LESSONS[LESSONS.index(WITH_EXERCISES) + 1]
    assert f'<strong>Next:</strong> <a href="{after.file}">{after.number} ' in line
    assert "Beliefs" not in line


def test_of_predictions_whose_answers_were_not_kept_only_the_number_is_told() -> None:
    progress_store.prediction_made(WITH_EXERCISES.predictions[0])
    line = ending.as_page(WITH_EXERCISES, progress_store.load())
    assert "You have made 1 of" in line
    assert "right" not in line


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda each: each.number)
def test_each_lesson_has_a_line_for_who_has_done_nothing(lesson: Any) -> None:
    line = ending.as_page(lesson, progress_store.load())
    assert ("Next:" in line) == (lesson is not LESSONS[-1])
    assert "{" not in line


def test_the_last_lesson_names_the_beliefs_that_changed_and_no_others() -> None:
    changed, stayed, forgotten, *_ = WITH_EXERCISES.predictions
    made(changed, False, True)
    made(stayed, True)
    made(forgotten, True, False)
    line = ending.as_page(LESSONS[-1], progress_store.load())
    assert line.count("First you said:") == 1
    assert "Beliefs that you changed:" in line


def test_it_stands_below_the_last_code_cell_and_below_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(ending_widget, "display", lambda data, raw: shown.append(data))
    monkeypatch.setattr(ending_widget, "is_notebook", lambda: True)
    for lesson in LESSONS:
        file = NOTEBOOKS / lesson.file
        cells = json.loads(file.read_text())["cells"]
        for cell in cells:
            ending_widget.show_below_the_last(file, cell["id"])
        ending_widget.show_below_the_last(file, "")
    assert len(shown) == len(LESSONS)
    assert all(set(data) == {"application/vnd.jupyter.widget-view+json"} for data in shown)


@pytest.mark.parametrize("name", ["mine.ipynb", "gone/06_recv.ipynb"])
def test_another_notebook_has_no_such_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_widget, "is_notebook", lambda: True)
    monkeypatch.setattr(ending_widget, "display", lambda data, raw: pytest.fail("shown"))
    ending_widget.show_below_the_last(Path(name), "cell")


# --- what this learner got wrong ----------------------------------------------------------------


def test_recall_asks_what_this_learner_got_wrong_in_earlier_lessons() -> None:
    earlier = WITH_EXERCISES.predictions
    made(earlier[0], False)
    made(earlier[1], False, True)
    made(LESSONS[-1].predictions[-1], False)
    again = recall(WITH_RECALL.number).wrong_before()
    assert [each.question.name for each in again if each.question.name in earlier] == [earlier[0]]
    assert again[0].title == f"Once more, from lesson {WITH_EXERCISES.number}"


def test_no_more_than_three_are_asked_again_and_no_one_of_this_lesson_or_a_later() -> None:
    for lesson in LESSONS:
        for name in lesson.predictions:
            made(name, False)
    again = recall(WITH_RECALL.number).wrong_before()
    assert len(again) == prediction.WRONG_ASKED
    assert all(each.question.lesson < WITH_RECALL.number for each in again)
    assert len(recall(WITH_RECALL.number).widget().children) == 3 + len(again)


def test_who_knows_it_now_is_not_asked_a_third_time() -> None:
    made(WITH_EXERCISES.predictions[0], False)
    (asked,) = recall(WITH_RECALL.number).wrong_before()
    assert asked.widget().chosen == -1  # the wrong choice gives nothing away
    asked.widget().chosen = [choice.right for choice in asked.question.choices].index(True)
    asked.widget()._handle_custom_msg({"do": "show"}, [])
    assert "Right." in asked.widget().verdict
    assert recall(WITH_RECALL.number).wrong_before() == []


def test_a_wrong_answer_links_to_the_section_that_shows_it() -> None:
    made(WITH_EXERCISES.predictions[0], False)
    (asked,) = recall(WITH_RECALL.number).wrong_before()
    asked.widget().chosen = [choice.right for choice in asked.question.choices].index(False)
    asked.widget()._handle_custom_msg({"do": "show"}, [])
    link = re.search(r'Read again: <a href="([^"#]+)#([^"]+)">([^<]+)</a>', asked.widget().verdict)
    assert link
    assert link[1] == WITH_EXERCISES.file


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda each: each.number)
def test_each_prediction_stands_in_a_section(lesson: Any) -> None:
    for name in lesson.predictions:
        section = sections.of_question(questions.prediction(name))
        assert section is not None
        assert section.file == lesson.file
        assert section.title in (NOTEBOOKS / lesson.file).read_text(encoding="utf-8").replace(
            '\\"', '"'
        )


def test_where_there_is_no_lesson_no_link_is_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sections.of_question(questions.prediction(WITH_EXERCISES.predictions[0])) is None
    (tmp_path / WITH_EXERCISES.file).write_text("{")
    sections._sections.cache_clear()
    assert sections.of_question(questions.prediction(WITH_EXERCISES.predictions[0])) is None


def test_a_heading_is_hostile_too() -> None:
    link = sections.Section("06 recv.ipynb", '2. `recv()` <b>&"').link
    assert (
        link == '<a href="06%20recv.ipynb#2.-recv%28%29-%3Cb%3E%26%22">'
        "2. recv() &lt;b&gt;&amp;&quot;</a>"
    )


def test_the_live_map_links_each_lesson() -> None:
    page = progress().widget().value
    for lesson in LESSONS:
        assert f'<a href="{lesson.file}">{lesson.number} ' in page


# --- a name that a cell above makes -------------------------------------------------------------


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from IPython.core.inputtransformer2 import TransformerManager

    from helpers import rerun_hint

    sources = [
        "%load_ext helpers\nimport socket, os.path as paths",
        "def serve(conn):\n    inner = 1\n    return [each for each in 'ab']",
        "with open('x') as file, file:\n    a, (b, *c) = 1, (2, 3)",
        "!ls\nfor number in []: pass\nclass Peer: pass\nif (seen := 1): later: int = 2",
        "this cell is no Python",
    ]
    cells = [{"cell_type": "code", "id": f"{n}", "source": text} for n, text in enumerate(sources)]
    cells += [{"cell_type": "code", "id": "here", "source": ["x"]}]
    cells += [{"cell_type": "code", "id": "below", "source": "below = 1"}]
    (tmp_path / "lesson.ipynb").write_text(json.dumps({"cells": cells}))
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "lesson.ipynb"))
    monkeypatch.setattr(rerun_hint, "_running", ["here"])
    return SimpleNamespace(user_ns={"known": 1}, transform_cell=TransformerManager().transform_cell)


@pytest.mark.parametrize(
    "name",
    ["socket", "paths", "serve", "file", "a", "b", "c", "number", "Peer", "seen", "later"],
)
def test_a_name_that_a_cell_above_makes_is_told(shell: Any, name: str) -> None:
    from helpers.rerun_hint import hint

    told = hint(NameError(name=name), shell)
    assert told.startswith(f"A cell above makes `{name}`, and it has not run in this kernel.")
    assert "Run All Above Selected Cell" in told


@pytest.mark.parametrize("name", ["inner", "each", "below", "known", "helpers", "nowhere", "conn"])
def test_of_any_other_name_nothing_is_told(shell: Any, name: str) -> None:
    from helpers.rerun_hint import hint

    assert hint(NameError(name=name), shell) == ""


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": 5}', '{"cells": [{"id": "here"}]}'])
def test_a_damaged_lesson_costs_only_the_hint(shell: Any, content: str) -> None:
    from helpers.rerun_hint import hint

    Path(os.environ["JPY_SESSION_NAME"]).write_text(content)
    assert hint(NameError(name="socket"), shell) == ""
    assert hint(ValueError("socket"), shell) == hint(NameError(name="socket")) == ""
