"""Questions in a live page: predictions, answered when their cell has run, and recall.

Rules of this file:

- `Asked` is what a cell shows. Its text and HTML come from `question_view` and know nothing of
  the learner. Only the card in a live page knows what was chosen.
- A prediction is over when its cell has run, or when the learner asks for the answer. It counts
  only if something was chosen before that.
- A question of the recall is answered at once, may be tried again, and is not counted.
- A question that was answered is shown with its answer when it is asked again, also on another day.
  The learner may answer it again. What was counted stays counted.

Which cell is the prediction's own: the one whose id the catalogue names, if the front end tells
the kernel the notebook's ids. That is so if the prediction stands in the cell `ask-` and that id.
Without ids, it is the next cell that makes no prediction.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import ipywidgets
from IPython.core.getipython import get_ipython

from helpers.course import activity, progress_store, sections
from helpers.course import question_view as view
from helpers.course.marks import html
from helpers.course.questions import Question, lessons, of_lesson
from helpers.widgets.question_card import NOTHING, QuestionCard
from helpers.widgets.saying import WORDS
from helpers.widgets.showing import LiveView

WRONG_ASKED = 3
"""So many predictions that were wrong are asked again, beside the three questions for all."""


class Asked(LiveView):
    """A question as a cell shows it.

    `answer` is the answer in plain text, for a place that has neither a live page nor HTML.
    """

    def __init__(self, question: Question, title: str) -> None:
        self.question = question
        self.title = title
        self.over = False
        self._card: QuestionCard | None = None
        self._lock = threading.RLock()  # guards the card: its messages may come in another thread

    def text(self) -> str:
        """The question and its choices, without the answer."""
        return view.as_text(self.question, self.title)

    def html(self) -> str:
        """The question, its choices, and the answer to each of them, folded."""
        return view.as_html(self.question, self.title, self.again)

    @property
    def answer(self) -> str:
        """The right answer, and what each wrong one overlooks."""
        return view.answer_text(self.question)

    def widget(self) -> QuestionCard:
        """The card in the live page. It is made when it is first shown."""
        with self._lock:
            if self._card is None:
                self._card = QuestionCard(
                    question=f"<strong>{self.title}.</strong> {html(self.question.text)}",
                    choices=[html(choice.text) for choice in self.question.choices],
                    button=WORDS[self.button],
                    goes_on=self.goes_on,
                )
                self._show_what_was_answered()
                self._card.observe(lambda change: self.choose(change["new"]), "chosen")
                self._card.on_msg(lambda card, content, buffers: self._asked_to(content))
            return self._card

    button = "show answer"
    """What stands on the button: a key of the words."""
    again = False
    """Whether it may be tried again."""
    goes_on = True
    may_try_again = False

    @property
    def kept_as(self) -> str:
        """The name under which the answer is kept."""
        return self.question.name

    def _asked_to(self, content: Any) -> None:
        """The learner has pressed the button."""
        if content.get("do") == "again":
            self.ask_again()
        else:
            self.show_answer()

    def _show_what_was_answered(self) -> None:
        """Show what the learner chose when the question was asked before."""
        kept = progress_store.load().answers.get(self.kept_as)
        texts = [choice.kept for choice in self.question.choices]
        if not kept or kept.last not in texts:
            return  # never answered, or the question has other choices now
        card, chosen = self.widget(), texts.index(kept.last)
        self.over = card.over = self.question.choices[chosen].right or not self.may_try_again
        card.chosen, card.again = chosen, WORDS["again"] if self.over else ""
        verdict = view.verdict_html(self.question, chosen, self.may_try_again)
        card.verdict = f"<p>{WORDS['before']}</p>{verdict}"

    def ask_again(self) -> None:
        """Forget on the card how it was answered."""
        with self._lock:
            self.over = False
            with self.widget().hold_sync():
                self.widget().again = ""
                self.widget().chosen = NOTHING
                self._tell("")
            if not self.may_try_again:
                _waiting[self.question.name] = self

    def choose(self, chosen: int) -> None:
        """The learner has chosen, and may still choose another."""
        with self._lock:
            if not self.over and chosen in range(len(self.question.choices)):
                self._tell(view.chosen_html(self.question, chosen))
                activity.tell(activity.Vote(self.question.name, chosen))

    def show_answer(self) -> None:
        """The learner wants the answer now."""
        self._end(view.verdict_html(self.question, self._chosen()))

    def cell_has_run(self) -> None:
        """The cell that was to be predicted has run."""
        chosen = self._chosen()
        late = view.too_late_html() if chosen is None else ""
        self._end(late + view.verdict_html(self.question, chosen))

    def _chosen(self) -> int | None:
        chosen = self.widget().chosen
        return chosen if chosen in range(len(self.question.choices)) else None

    def _end(self, verdict: str) -> None:
        with self._lock:
            _waiting.pop(self.question.name, None)
            if self.over:
                return
            self.over = True
            problem = ""
            if (chosen := self._chosen()) is not None:
                choice = self.question.choices[chosen]
                problem = progress_store.prediction_made(self.kept_as, choice.kept, choice.right)
            self._tell(verdict + (f"<p>{html(problem)}</p>" if problem else ""))

    def _tell(self, verdict: str) -> None:
        card = self.widget()
        with card.hold_sync():
            card.verdict, card.over = verdict, self.over
            card.told += 1


class Recalled(Asked):
    """A question on an earlier lesson: answered at once, and tried again after a wrong choice."""

    button = "check answer"
    again = True
    goes_on = False
    may_try_again = True

    @property
    def kept_as(self) -> str:
        """A prediction may have the same name."""
        return f"recall:{self.question.name}"

    def choose(self, chosen: int) -> None:
        with self._lock:
            if not self.over:
                self._tell("")

    def show_answer(self) -> None:
        chosen = self._chosen()
        with self._lock:
            if chosen is None:
                self._tell(f"<p>{WORDS['choose first']}</p>")
                return
            choice = self.question.choices[chosen]
            self.over = choice.right
            progress_store.answered(self.kept_as, choice.kept, choice.right)
            verdict = view.verdict_html(self.question, chosen, may_try_again=True)
            self._tell(verdict if choice.right else verdict + self._where_to_read())

    def _where_to_read(self) -> str:
        """A link to the section that shows the answer, where it is known."""
        section = sections.of_question(self.question)
        return f"<p>{WORDS('read_again', section=section.link)}</p>" if section else ""


class WrongBefore(Recalled):
    """A prediction of an earlier lesson that this learner got wrong the last time."""

    @property
    def kept_as(self) -> str:
        """Who knows it now has answered the prediction."""
        return self.question.name

    def _show_what_was_answered(self) -> None:
        """Nothing: the wrong choice is not to be seen again before the learner has thought."""


class Recall(LiveView):
    """The questions at the head of a lesson: three for all, and those that this learner got wrong.

    Only a live page knows the learner: the second ones are in no text and in no HTML.
    """

    def __init__(self, questions: Sequence[Question], lesson: str = "") -> None:
        self.asked = [Recalled(question, f"{n}") for n, question in enumerate(questions, 1)]
        self.lesson = lesson

    def text(self) -> str:
        """The questions and their choices, without the answers."""
        return "\n\n".join(asked.text() for asked in self.asked)

    def html(self) -> str:
        """Each question with its choices and its answers, folded."""
        return f"<div>{''.join(asked.html() for asked in self.asked)}</div>"

    def widget(self) -> ipywidgets.VBox:
        """The cards, one below the other."""
        return ipywidgets.VBox([asked.widget() for asked in [*self.asked, *self.wrong_before()]])

    def wrong_before(self) -> list[WrongBefore]:
        """Predictions of the lessons before this one whose last answer was wrong: the latest."""
        answers = progress_store.load().answers
        wrong = [
            WrongBefore(question, WORDS("wrong_before", lesson=lesson))
            for lesson in lessons()
            if lesson < self.lesson
            for question in of_lesson(lesson).predictions
            if (kept := answers.get(question.name)) and not kept.last_right
        ]
        return wrong[-WRONG_ASKED:]

    @property
    def answer(self) -> str:
        """The right answers, and what each wrong one overlooks."""
        return "\n\n".join(f"{asked.title}. {asked.answer}" for asked in self.asked)


# Which predictions wait for their cell

_waiting: dict[str, Asked] = {}
_made_now: list[str] = []
"""Predictions of the cell that runs now."""
_watched: list[Any] = []
"""The shell whose cells are watched, if any."""


def wait_for_cell(asked: Asked) -> None:
    """Answer this prediction when its cell has run."""
    shell = get_ipython()
    if shell is None:
        return
    if shell not in _watched:
        _watched[:] = [shell]
        shell.events.register("post_run_cell", _cell_has_run)
    _waiting[asked.question.name] = asked
    _made_now.append(asked.question.name)


def _cell_has_run(result: Any) -> None:
    made, _made_now[:] = set(_made_now), []
    ran = str(getattr(getattr(result, "info", None), "cell_id", None) or "")
    for name, asked in list(_waiting.items()):
        if name in made:
            _asked_in[name] = ran
        elif _is_own_cell(asked.question, ran, bool(made)):
            asked.cell_has_run()


_asked_in: dict[str, str] = {}
"""The id of the cell in which each prediction was made, if the front end tells it."""


def _is_own_cell(question: Question, ran: str, made_another: bool) -> bool:
    if _asked_in.get(question.name) == f"ask-{question.cell}":
        return ran == question.cell
    return not made_another
