"""What the two pages show, as plain data: `/wall` without any name, `/teacher` with all.

Rules of this file:

- Of what learners send, the wall shows numbers only. A mistake is shown if it is one that this
  course knows: a text that somebody made up is never projected.
- Hidden is hidden: as long as the votes are not revealed, only the teacher's page has them.
"""

from __future__ import annotations

from typing import Any

from helpers import exercises
from helpers.classroom.board.store import Round, Store
from helpers.course import questions
from helpers.course.marks import html
from helpers.exercises.wording import mistake_names
from helpers.language import ENGLISH, cached, speaking

OFTEN = 3
"""Checks without success from which on a learner is marked. Chosen: the hints are used up then."""


def wall(store: Store) -> dict[str, Any]:
    """What is projected. Without the class code: who is not in the room may see this, too."""
    attempts = store.attempts()
    known = known_mistakes()
    mistakes = [each for each in store.mistakes() if each[:2] in known]
    return {
        "learners": len(store.learners()),
        "question": _question(store),
        "exercises": [
            {
                "name": name,
                "passed": sum(passed for _, passed in attempts[name].values()),
                "tried": len(attempts[name]),
                "mistakes": [(known[each[:2]], each[2]) for each in mistakes if each[0] == name],
            }
            for name in exercises.__all__
            if name in attempts
        ],
    }


def teacher(store: Store) -> dict[str, Any]:
    """What only the teacher sees."""
    attempts = store.attempts()
    return {
        **wall(store),
        "question": _question(store, to_the_teacher=True),
        "code": store.code,
        "questions": question_names(),
        "people": [
            {
                "number": each.number,
                "name": each.name,
                "at": each.last_name,
                "outcome": each.last_outcome,
                "when": each.when,
                "passed": [name for name, of in attempts.items() if of.get(each.number, (0, 0))[1]],
                "stuck": [
                    [name, of[each.number][0]]
                    for name, of in attempts.items()
                    if each.number in of and not of[each.number][1] and of[each.number][0] >= OFTEN
                ],
            }
            for each in store.learners()
        ],
    }


def _question(store: Store, to_the_teacher: bool = False) -> dict[str, Any] | None:
    """The question that was put last, with its rounds; None if none was."""
    rounds = store.rounds_now()
    if not rounds:
        return None
    now = rounds[-1]
    try:
        asked = questions.prediction(now.question)
    except LookupError:  # it was put by another edition of the course
        return None
    shown = now.revealed or to_the_teacher
    return {
        "name": asked.name,
        "lesson": asked.lesson,
        "text": html(asked.text),
        "choices": [html(choice.text) for choice in asked.choices],
        "right": next(i for i, c in enumerate(asked.choices) if c.right) if shown else None,
        "open": now.closed is None,
        "revealed": now.revealed,
        "rounds": [
            _round(store, each, len(asked.choices), each.revealed or to_the_teacher)
            for each in rounds
        ],
    }


def _round(store: Store, one: Round, choices: int, shown: bool) -> dict[str, Any]:
    votes = store.votes(one.number)
    counts = [votes.get(choice, 0) for choice in range(choices)]
    return {"votes": sum(counts), "counts": counts if shown else None}


@cached
def question_names() -> list[list[str]]:
    """Each prediction of the course: lesson, name, text."""
    return [
        [lesson, each.name, html(each.text)]
        for lesson in questions.lessons()
        for each in questions.of_lesson(lesson).predictions
    ]


@cached
def known_mistakes() -> dict[tuple[str, str], str]:
    """Each exercise with each mistake that its check can name: how the language of now calls it.

    Learners send it in English.
    """
    folders = {name: getattr(exercises, name).folder for name in exercises.__all__}
    with speaking(ENGLISH):
        english = {name: mistake_names(folder) for name, folder in folders.items()}
    return {
        (name, before): now
        for name, folder in folders.items()
        for before, now in zip(english[name], mistake_names(folder), strict=True)
    }
