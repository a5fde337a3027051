"""The questions: their catalogue, how they look without a page, and when the answer comes."""

from __future__ import annotations

import html as standard_html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import predict, recall
from helpers.course import lessons, marks, progress_store, questions
from helpers.course import question_view as view
from helpers.course.questions import BadQuestion, Question
from helpers.widgets import prediction

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [each.number for each in lessons.LESSONS]
PREDICTIONS = [each for lesson in LESSONS for each in questions.of_lesson(lesson).predictions]
RECALLED = [each for lesson in LESSONS for each in questions.of_lesson(lesson).recall]


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "data"))


# --- the catalogue ------------------------------------------------------------------------------


def test_each_lesson_has_three_predictions_and_from_02_on_three_questions_before_it() -> None:
    assert questions.lessons() == LESSONS
    for lesson in LESSONS:
        assert len(questions.of_lesson(lesson).predictions) >= 3
        assert len(questions.of_lesson(lesson).recall) == (0 if lesson < "02" else 3)


def test_a_name_is_found_once_in_the_course() -> None:
    names = [each.name for each in PREDICTIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("question", PREDICTIONS + RECALLED, ids=lambda each: each.name)
def test_each_choice_is_short_and_has_an_answer_of_its_own(question: Question) -> None:
    assert len({choice.answer for choice in question.choices}) == len(question.choices)
    for choice in question.choices:
        assert len(choice.text) <= 80
    for text in (question.text, *(choice.answer for choice in question.choices)):
        assert "!" not in re.sub(r"`[^`]*`", "", text)
        assert marks.plain(text).endswith((".", "?", ")", '"'))


def test_the_right_choice_is_not_always_in_the_same_place() -> None:
    for asked in (PREDICTIONS, RECALLED):
        places = [[choice.right for choice in each.choices].index(True) for each in asked]
        for place in range(3):
            assert places.count(place) > len(asked) / 6


GOOD = '{ text = "a", right = "yes" }, { text = "b", wrong = "no" }'
BAD = [
    ("[x", "01.toml: "),
    ("x = 1", "x: a question is a table"),
    (f'[x]\nquestion = ""\nchoices = [{GOOD}]', "x: 'question' is a text"),
    (f'[x]\nquestion = "?"\nhint = "?"\nchoices = [{GOOD}]', "x: unknown key 'hint'"),
    ('[x]\nquestion = "?"', "x: exactly one choice has `right`"),
    (f'[x]\nquestion = "?"\nchoices = [{GOOD.replace("wrong", "right")}]', "exactly one"),
    (f'[x]\nquestion = "?"\nchoices = [{GOOD.replace("right", "wrong")}]', "exactly one"),
    (f'[x]\nquestion = "?"\nchoices = [{GOOD.replace("b", "a")}]', "no two of them the same"),
    ('[x]\nquestion = "?"\nchoices = [{ text = "a", right = "yes" }]', "two choices or more"),
    ('[x]\nquestion = "?"\nchoices = [{ text = "a" }]', "a choice has `text`, and"),
    (f"[recall.x]\nquestion = 5\nchoices = [{GOOD}]", "x: 'question' is a text"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_catalogue_that_breaks_a_rule_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(BadQuestion, match=re.escape(says)):
        questions.read("01", text)


def test_a_name_that_does_not_exist_is_refused_and_one_like_it_is_named() -> None:
    with pytest.raises(LookupError, match="Is it 'recv-exactly-five'"):
        predict("recv-exactly-fife")
    with pytest.raises(LookupError, match="no lesson '01' has questions"):
        recall("01")


# --- the notebooks ------------------------------------------------------------------------------


def cells_of(lesson: str) -> list[dict[str, Any]]:
    file = next(each.file for each in lessons.LESSONS if each.number == lesson)
    text = (ROOT / "notebooks" / file).read_text(encoding="utf-8")
    cells: list[dict[str, Any]] = json.loads(text)["cells"]
    return cells


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_prediction_stands_before_its_cell(lesson: str) -> None:
    cells = cells_of(lesson)
    asked = questions.of_lesson(lesson).predictions
    sources = ["".join(cell["source"]) for cell in cells]
    found = {cell["id"]: source for cell, source in zip(cells, sources, strict=True)}
    order = [cell["id"] for cell in cells if cell["cell_type"] == "code"]
    calls = re.findall(r'^predict\("([^"]*)"\)$', "\n".join(sources), re.MULTILINE)
    assert calls == [each.name for each in asked]
    for each in asked:
        assert found[f"ask-{each.cell}"] == f'predict("{each.name}")'
        assert order.index(each.cell) == order.index(f"ask-{each.cell}") + 1
    if questions.of_lesson(lesson).recall:
        assert found["ask-recall"] == f'recall("{lesson}")'


# --- marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "as_html", "as_plain"),
    [
        ("`b'<'` is *one* **byte**", "<code>b&#x27;&lt;&#x27;</code> is <em>one</em> "
         "<strong>byte</strong>", "b'<' is one byte"),
        ("see [06](06_recv.ipynb)", 'see <a href="06_recv.ipynb">06</a>', "see 06"),
        ("one\nline\n\ntwo", "<p>one line</p><p>two</p>", "one line\ntwo"),
        ("2 * 3 * 4 and `a*b*c`", "2 * 3 * 4 and <code>a*b*c</code>", "2 * 3 * 4 and a*b*c"),
        ("[x](javascript:alert)", "[x](javascript:alert)", "[x](javascript:alert)"),
    ],
)  # fmt: skip
def test_marks(text: str, as_html: str, as_plain: str) -> None:
    assert marks.html(text) == as_html
    assert marks.plain(text) == as_plain


@given(st.text(alphabet=st.sampled_from("ab `*[]()<>&\"'\n") | st.characters(codec="utf-8")))
def test_html_shows_the_plain_text_and_no_tag_of_the_text_itself(text: str) -> None:
    page = marks.html(text).replace("</p><p>", "\n")
    bare = re.sub(r"</?(?:p|code|strong|em)>|<a href=\"[^\"<>]*\">|</a>", "", page)
    assert "<" not in bare
    assert standard_html.unescape(bare) == marks.plain(text)


# --- without a page -----------------------------------------------------------------------------


@pytest.mark.parametrize("question", PREDICTIONS[:5] + RECALLED[:5], ids=lambda each: each.name)
def test_text_has_no_answer_and_html_has_it_folded(question: Question) -> None:
    text, page = view.as_text(question, "Predict"), view.as_html(question, "Predict")
    for choice in question.choices:
        assert marks.plain(choice.text) in " ".join(text.split())
        assert marks.plain(choice.answer) not in " ".join(text.split())
    folded = re.findall(r"<details>.*?</details>", page)
    shown = re.sub(r"<details>.*?</details>", "", page)
    assert len(folded) == len(question.choices)
    for choice, answer in zip(question.choices, folded, strict=True):
        assert marks.html(choice.answer) in answer
        assert marks.html(choice.answer) not in shown
    assert max(map(len, text.splitlines())) <= view.WIDTH
    assert marks.plain(question.right.answer) in " ".join(view.answer_text(question).split())


def test_what_a_cell_stores_does_not_depend_on_the_learner() -> None:
    before = predict("recv-exactly-five")._repr_mimebundle_()
    progress_store.prediction_made("recv-exactly-five")
    assert predict("recv-exactly-five")._repr_mimebundle_() == before
    assert set(before) == {"text/plain", "text/html"}
    assert set(recall("06")._repr_mimebundle_()) == {"text/plain", "text/html"}


# --- when the answer comes ----------------------------------------------------------------------

Ran = Callable[[str], None]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ran]:
    """A shell. Call it with the id of a cell that has just run, or with an empty text."""
    told: list[Callable[[Any], None]] = []
    events = SimpleNamespace(register=lambda name, function: told.append(function))
    shell = SimpleNamespace(events=events)
    monkeypatch.setattr(prediction, "get_ipython", lambda: shell)
    yield lambda cell: told[0](SimpleNamespace(info=SimpleNamespace(cell_id=cell or None)))
    prediction._watched.clear()
    prediction._waiting.clear()


def choose(asked: prediction.Asked, right: bool) -> None:
    """Choose a right or a wrong answer, as the page does it."""
    asked.widget().chosen = [choice.right for choice in asked.question.choices].index(right)


def test_a_right_choice_is_called_right_when_the_cell_has_run(ran: Ran) -> None:
    asked = predict("recv-exactly-five")
    choose(asked, right=True)
    ran("ask-recv-n-trusted")
    assert asked.widget().verdict.startswith("<p>You chose: 1. Now run")
    assert progress_store.load().predictions == set()
    ran("recv-n-trusted")
    sign = '<span aria-hidden="true">✓ </span>'
    assert asked.widget().verdict.startswith(
        f'<p><strong class="socket-right">{sign}Right.</strong>'
    )
    assert asked.widget().over
    assert progress_store.load().predictions == {"recv-exactly-five"}


def test_a_wrong_choice_answers_the_belief_and_is_counted_as_well(ran: Ran) -> None:
    asked = predict("recv-exactly-five")
    choose(asked, right=False)
    ran("ask-recv-n-trusted")
    ran("recv-n-trusted")
    sign = '<span aria-hidden="true">✗ </span>'
    wrong = (
        f'<strong class="socket-wrong">{sign}Not this one.</strong> Many programmers believe that.'
    )
    assert wrong in asked.widget().verdict
    assert "What is right" in asked.widget().verdict
    assert progress_store.load().predictions == {"recv-exactly-five"}


def test_who_did_not_choose_is_told_so_and_nothing_is_counted(ran: Ran) -> None:
    asked = predict("recv-exactly-five")
    ran("ask-recv-n-trusted")
    ran("recv-n-trusted")
    assert "You ran the cell before you chose." in asked.widget().verdict
    assert marks.html(asked.question.right.answer) in asked.widget().verdict
    assert progress_store.load().predictions == set()
    choose(asked, right=True)
    assert "You ran the cell before you chose." in asked.widget().verdict
    assert progress_store.load().predictions == set()


def test_a_cell_in_between_gives_nothing_away(ran: Ran) -> None:
    asked = predict("recv-exactly-five")
    ran("ask-recv-n-trusted")
    ran("a-cell-of-the-learner")
    assert not asked.over
    ran("recv-n-trusted")
    assert asked.over


def test_without_ids_the_next_cell_gives_the_answer(ran: Ran) -> None:
    first = predict("recv-exactly-five")
    ran("")
    second = predict("second-line")
    ran("")
    assert not first.over
    ran("")
    assert first.over
    assert second.over


def test_asked_again_it_begins_anew(ran: Ran) -> None:
    first = predict("recv-exactly-five")
    ran("ask-recv-n-trusted")
    second = predict("recv-exactly-five")
    ran("ask-recv-n-trusted")
    choose(second, right=True)
    ran("recv-n-trusted")
    assert (first.over, second.over) == (False, True)


def press(asked: prediction.Asked) -> None:
    """Press the button, as the page does it."""
    asked.widget()._handle_custom_msg({"do": "show"}, [])


def test_the_button_gives_the_answer_and_counts_only_a_choice(ran: Ran) -> None:
    asked = predict("recv-exactly-five")
    press(asked)
    assert asked.widget().verdict.startswith("<p>The answer:</p>")
    assert progress_store.load().predictions == set()
    asked = predict("recv-exactly-five")
    choose(asked, right=True)
    press(asked)
    assert progress_store.load().predictions == {"recv-exactly-five"}


def test_a_question_of_the_recall_may_be_tried_again_and_is_not_counted() -> None:
    asked = recall("06").asked[0]
    press(asked)
    assert "Choose one first." in asked.widget().verdict
    choose(asked, right=False)
    press(asked)
    assert "Not this one." in asked.widget().verdict
    assert marks.html(asked.question.right.answer) not in asked.widget().verdict
    assert not asked.widget().over
    choose(asked, right=True)
    assert asked.widget().verdict == ""
    press(asked)
    assert "Right." in asked.widget().verdict
    assert asked.widget().over
    assert progress_store.load() == progress_store.Learned()


def test_a_progress_file_that_cannot_be_kept_is_said_and_stops_nothing(
    ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(progress_store.FOLDER_VARIABLE, str(tmp_path / "file" / "folder"))
    asked = predict("recv-exactly-five")
    choose(asked, right=True)
    press(asked)
    assert "Right." in asked.widget().verdict
    assert "Your progress could not be kept: " in asked.widget().verdict
