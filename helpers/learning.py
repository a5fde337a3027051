"""What a lesson asks and what it keeps: predictions, recall, progress.

The widgets are imported when one of these is called: `import helpers` stays quick.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.widgets.long_work import ProgressBar
    from helpers.widgets.prediction import Asked, Recall
    from helpers.widgets.progress_map import CourseMap


def predict(name: str) -> Asked:
    """Ask the learner what the next cell will do. The answer comes when it has run.

    `name` is that of a prediction in `helpers/predictions/`. Raises LookupError for another.
    """
    from helpers import question_view, questions
    from helpers.widgets import prediction

    asked = prediction.Asked(questions.prediction(name), question_view.PREDICT)
    prediction.wait_for_cell(asked)
    return asked


def recall(lesson: str) -> Recall:
    """The questions on earlier lessons that stand at the head of a lesson, such as `"05"`.

    Each is answered at once. Raises LookupError for a lesson without them.
    """
    from helpers import questions
    from helpers.widgets.prediction import Recall

    return Recall(questions.recall(lesson))


def progress(forget: bool = False) -> CourseMap:
    """The lessons, and how much of each is done. `progress(forget=True)` forgets it.

    What was done is kept in the user's own data folder. See `helpers/learned.py`.
    """
    from helpers import learned
    from helpers.widgets.progress_map import CourseMap

    if forget and (problem := learned.forget()):
        print(problem)
    return CourseMap()


def progress_bar(work: int | Iterable[Any], label: str) -> ProgressBar:
    """A bar for long work: `for chunk in progress_bar(chunks, "sending")`.

    Or with a number, such as that of the bytes to come:

        with progress_bar(5_000_000, "bytes received") as bar:
            ...
            bar.add(len(chunk))

    Raises TypeError for an iterable without a length.
    """
    from helpers.widgets.long_work import ProgressBar

    return ProgressBar(work, label)
