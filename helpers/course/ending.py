"""The last line of a lesson, for one learner: what was done in it, and what is next."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from helpers.course import map, marks, questions
from helpers.course.lessons import LESSONS, Lesson
from helpers.course.progress_store import Learned
from helpers.text import counted
from helpers.words import Words

WORDS = Words(Path(__file__).with_name("ending.toml"))


def lesson_in(file: str) -> Lesson | None:
    """The lesson of this file, or None."""
    return next((each for each in LESSONS if each.file == file), None)


def as_page(lesson: Lesson, learned: Learned) -> str:
    """The line as HTML. In the last lesson also the beliefs that have changed."""
    line = " ".join(_done(lesson, learned))
    after = LESSONS[LESSONS.index(lesson) + 1 :]
    if after:
        link = f'<a href="{after[0].file}">{escape(map.name(after[0]))}</a>'
        return f"<p>{line} {WORDS('next', lesson=link)}</p>"
    return f"<p>{line} {WORDS['last']}</p>{_beliefs(learned)}"


def _done(lesson: Lesson, learned: Learned) -> Iterator[str]:
    names = set(lesson.predictions)
    if names:
        made = names & learned.predictions
        answers = [learned.answers[name] for name in made if name in learned.answers]
        yield WORDS("predictions", made=len(made), all=counted(len(names), "prediction"))
        if len(answers) == len(made) and made:  # else some are of the time before answers were kept
            yield WORDS("right", right=sum(each.first_right for each in answers))
    if exercises := set(lesson.exercises):
        passed = len(exercises & learned.exercises)
        yield WORDS("exercises", passed=passed, all=counted(len(exercises), "exercise"))


def _beliefs(learned: Learned) -> str:
    changed = [
        f"<li>{marks.html(question.text)}<br>{WORDS('belief', first=first, now=now)}</li>"
        for question, first, now in _changed(learned)
    ]
    return f"<p>{WORDS['beliefs']}</p><ul>{''.join(changed)}</ul>" if changed else ""


def _changed(learned: Learned) -> Iterator[tuple[questions.Question, str, str]]:
    """The predictions that were wrong at first and right the last time."""
    for lesson in LESSONS:
        for name in lesson.predictions:
            answer = learned.answers.get(name)
            if answer and answer.last_right and not answer.first_right:
                question = questions.prediction(name)
                yield question, _choice(question, answer.first), _choice(question, answer.last)


def _choice(question: questions.Question, kept: str) -> str:
    """The choice that was kept, in the language of now. One that is gone stays as it was."""
    known = {choice.kept: choice.text for choice in question.choices}
    return marks.html(known.get(kept, kept))
