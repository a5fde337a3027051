"""What a learner calls by hand: the timeline, patience, a panel, questions and progress.

Views and widgets are imported when one of these is called: `import helpers` stays quick.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from helpers.live.plain_sockets import nothing_recorded, told_of_all
from helpers.live.server import LiveServer
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo, info_of
from helpers.words import HELPERS

if TYPE_CHECKING:
    import socket

    from helpers.ladder.timeline import Timeline
    from helpers.widgets.long_work import ProgressBar
    from helpers.widgets.panel.panel import Panel
    from helpers.widgets.prediction import Asked, Recall
    from helpers.widgets.progress_map import CourseMap

SETTLE_TIME = 2.0
"""Seconds given to the other threads to come to rest before the timeline is drawn.

They need some thousandths. A thread that computes longer is shown as it is.
"""


def timeline(*clients: socket.socket, all: bool = False) -> Timeline:
    """The calls since the last timeline was shown, as a ladder diagram.

    `timeline(all=True)` shows the whole record. `timeline(client)` has a lane for this client, or
    for several, and folds all other clients into one, with what the server did for them. Waits
    first until every server has done all it can, so that the picture is the same in every run.
    """
    if not isinstance(all, bool):
        raise TypeError(HELPERS("refused.all", given=f"{all!r:.60}"))
    chosen = {info.number: info.local for info in map(_info_of, clients)}
    from helpers.ladder.timeline import Timeline  # only who asks for a picture draws one

    here = record.actors.state() if record.enabled else None
    others = [state for state in list(record.actors.active) if state is not here]
    record.waiting.settle(others, SETTLE_TIME, look=True)
    told = record.read(record.shown)
    record.shown = told.cursor
    if all:
        told = record.read()
    remark = "" if told.events else _why_nothing()
    return Timeline(told.events, told.lost, remark, chosen=chosen)


def _info_of(client: Any) -> SocketInfo:
    """What is noted of a recorded socket. Raises TypeError for anything else."""
    info = info_of(client)
    if info is None:
        raise TypeError(HELPERS("refused.client", given=f"{client!r:.60}"))
    return info


def _why_nothing() -> str:
    """What to say of an empty timeline: nothing, unless sockets are there that are not recorded."""
    if not record.enabled:
        return nothing_recorded()
    return told_of_all()


def patience(seconds: float) -> None:
    """How long a cell waits for a program that is not recorded (10 s at first).

    Between two recorded sides no patience is needed: a deadlock is found at once.
    Raises TypeError for anything but a number of seconds above zero.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise TypeError(HELPERS("refused.patience", given=f"{seconds!r:.60}"))
    record.waiting.patience = float(seconds)


def panel(live: LiveServer) -> Panel:
    """A remote control for up to three clients of a live server, and a window on that server.

    Put it at the end of a cell. It shows the server's source with the arrow, the ladder and
    the kernel's table, and follows what happens until the server ends. A second panel of the
    same server takes the place of the first.

    Raises TypeError for anything but a LiveServer, and RuntimeError if it was not started.
    """
    from helpers.widgets.panel.panel import Panel  # only who uses a widget needs ipywidgets

    return Panel(live)


def predict(name: str) -> Asked:
    """Ask the learner what the next cell will do. The answer comes when it has run.

    `name` is that of a prediction in `helpers/course/predictions/`. Raises LookupError for another.
    """
    from helpers.course import question_view, questions
    from helpers.widgets import prediction

    asked = prediction.Asked(questions.prediction(name), question_view.WORDS["predict"])
    prediction.wait_for_cell(asked)
    return asked


def recall(lesson: str) -> Recall:
    """The questions on earlier lessons that stand at the head of a lesson, such as `"06"`.

    Each is answered at once. Raises LookupError for a lesson without them.
    """
    from helpers.course import questions
    from helpers.widgets.prediction import Recall

    return Recall(questions.recall(lesson), lesson)


def progress(forget: bool = False) -> CourseMap:
    """The lessons, and how much of each is done. `progress(forget=True)` forgets it.

    What was done is kept in the user's own data folder. See `helpers/course/progress_store.py`.
    """
    from helpers.course import progress_store
    from helpers.widgets.progress_map import CourseMap

    if forget and (problem := progress_store.forget()):
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
