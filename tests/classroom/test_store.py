"""What the board keeps, and how votes are counted."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.classroom.board import state
from helpers.classroom.board.store import Store
from helpers.course import questions

QUESTION = questions.of_lesson(questions.lessons()[0]).predictions[0].name

NUMBER = itertools.count()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "board.sqlite")
    yield made
    made.close()


def vote(choice: int, age: float = 0.0, question: str = QUESTION) -> dict[str, Any]:
    return {**sent(), "kind": "vote", "name": question, "choice": choice, "age": age}


def sent() -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "number": next(NUMBER), "age": 0.0}


def checked(outcome: str, mistake: str = "", exercise: str = "read_exactly") -> dict[str, Any]:
    return {
        **sent(),
        "kind": "checked",
        "name": exercise,
        "outcome": outcome,
        "scenario": "",
        "mistake": mistake,
    }


def learner(store: Store, name: str = "Kim") -> int:
    found = store.learner_of(store.join(f"a random text {next(NUMBER)}", name))
    assert found is not None
    return found


def votes(store: Store) -> dict[int, int]:
    return store.votes(store.rounds_now()[-1].number)


def test_a_vote_counts_once_however_often_it_is_sent(store: Store) -> None:
    kim = learner(store)
    store.open_round(QUESTION)
    event = vote(1)
    store.take(kim, [event])
    store.take(kim, [event, event])
    assert votes(store) == {1: 1}


def test_the_last_choice_of_a_learner_counts_in_whatever_order_it_arrives(store: Store) -> None:
    kim, lee = learner(store), learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(0), vote(1)])
    earlier, later = vote(0), vote(2)
    store.take(lee, [later])
    store.take(lee, [earlier])
    assert votes(store) == {1: 1, 2: 1}


def test_each_round_counts_for_itself(store: Store) -> None:
    kim = learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(0)])
    store.reveal()
    store.open_round(QUESTION)
    store.take(kim, [vote(1)])
    assert [store.votes(each.number) for each in store.rounds_now()] == [{0: 1}, {1: 1}]


def test_a_vote_of_before_the_round_does_not_count_in_it(store: Store) -> None:
    """A learner's machine was away yesterday, and sends now what was chosen then."""
    kim = learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(0, age=3600.0)])
    assert votes(store) == {}


def test_a_vote_on_another_question_or_after_the_end_does_not_count(store: Store) -> None:
    kim = learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(0, question="another-one")])
    store.close_round()
    store.take(kim, [vote(0)])
    assert votes(store) == {}


def test_what_was_answered_is_there_for_the_next_board(tmp_path: Path) -> None:
    """A second connection reads the file as a board would that is started after a kill -9."""
    first = Store(tmp_path / "board.sqlite")
    token = first.join("a random text of mine", "Kim")
    kim = first.learner_of(token)
    assert kim is not None
    first.open_round(QUESTION)
    first.take(kim, [vote(1)])
    second = Store(tmp_path / "board.sqlite")
    assert (second.code, second.key) == (first.code, first.key)
    assert second.learner_of(token) == kim
    assert votes(second) == {1: 1}
    first.close()
    second.close()


def test_a_new_token_makes_the_old_one_worthless_and_keeps_the_learner(store: Store) -> None:
    old = store.join("a random text of mine", "Kim")
    number = store.learner_of(old)
    new = store.join("a random text of mine", "Kim Min")
    assert store.learner_of(old) is None
    assert store.learner_of(new) == number
    assert [each.name for each in store.learners()] == ["Kim Min"]


def test_who_is_deleted_leaves_nothing(store: Store) -> None:
    kim, lee = learner(store), learner(store)
    store.open_round(QUESTION)
    for each in (kim, lee):
        store.take(each, [vote(0), checked("incorrect", "x")])
    store.delete(kim)
    assert votes(store) == {0: 1}
    assert {row[1] for _, _, rows in store.exported() for row in rows} >= {lee}
    assert len(store.learners()) == 1


def test_the_file_has_no_secret_that_could_be_used(tmp_path: Path) -> None:
    store = Store(tmp_path / "board.sqlite")
    token = store.join("a random text of mine", "Kim")
    store.close()
    data = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in data
    assert b"a random text of mine" not in data


# What the pages show


def test_the_teacher_sees_the_votes_before_the_class_does(store: Store) -> None:
    kim = learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(1)])
    shown = state.teacher(store)["question"]
    assert shown["rounds"][0]["counts"][1] == 1
    assert not shown["revealed"]
    assert state.wall(store)["question"]["rounds"] == [{"votes": 1, "counts": None}]


def test_before_and_after_the_talk_are_shown_together(store: Store) -> None:
    """Vote, talk, vote again: the first votes are hidden until the second ones are shown."""
    kim = learner(store)
    for choice in (0, 1):
        store.open_round(QUESTION)
        store.take(kim, [vote(choice)])
        shown = state.wall(store)["question"]["rounds"]
        assert [each["counts"] for each in shown] == [None] * len(shown)
    store.reveal()
    first, second = (each["counts"] for each in state.wall(store)["question"]["rounds"])
    assert (first[:2], second[:2]) == ([1, 0], [0, 1])


def test_hidden_votes_do_not_reach_the_wall(store: Store) -> None:
    kim = learner(store)
    store.open_round(QUESTION)
    store.take(kim, [vote(1)])
    shown = state.wall(store)["question"]
    assert shown["right"] is None
    assert shown["rounds"] == [{"votes": 1, "counts": None}]
    store.reveal()
    shown = state.wall(store)["question"]
    assert shown["rounds"][0]["counts"][1] == 1
    assert shown["right"] == next(
        at for at, c in enumerate(questions.prediction(QUESTION).choices) if c.right
    )


def test_the_wall_has_no_name_and_no_text_that_somebody_made_up(store: Store) -> None:
    kim = learner(store, "Secret Name")
    store.take(kim, [checked("incorrect", "something rude"), checked("incorrect", "a")])
    known = sorted(says for name, says in state.known_mistakes() if name == "read_exactly")[0]
    store.take(kim, [checked("incorrect", known)])
    shown = str(state.wall(store))
    assert "Secret" not in shown
    assert "rude" not in shown
    assert state.wall(store)["exercises"] == [
        {"name": "read_exactly", "passed": 0, "tried": 1, "mistakes": [(known, 1)]}
    ]
    assert store.code not in shown


def test_an_exercise_that_nobody_knows_is_not_shown(store: Store) -> None:
    store.take(learner(store), [checked("correct", exercise="made_up")])
    assert state.wall(store)["exercises"] == []


def test_who_tries_often_without_success_is_seen(store: Store) -> None:
    kim, lee = learner(store, "Kim"), learner(store, "Lee")
    for _ in range(state.OFTEN):
        store.take(kim, [checked("incorrect")])
        store.take(lee, [checked("incorrect")])
    store.take(lee, [checked("correct")])
    people = {each["name"]: each for each in state.teacher(store)["people"]}
    assert people["Kim"]["stuck"] == [["read_exactly", state.OFTEN]]
    assert people["Lee"]["stuck"] == []
    assert people["Lee"]["passed"] == ["read_exactly"]
    assert people["Lee"]["outcome"] == "correct"
