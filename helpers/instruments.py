"""What a learner asks for by hand: the timeline, more patience, and a panel for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.live import LiveServer
from helpers.record import record

if TYPE_CHECKING:
    from helpers.timeline_view import Timeline
    from helpers.widgets.panel import Panel

SETTLE_TIME = 2.0
"""Seconds given to the other threads to come to rest before the timeline is drawn."""


def timeline(all: bool = False) -> Timeline:
    """The calls since the last timeline was shown, as a ladder diagram.

    `timeline(all=True)` shows the whole record. Waits first until every server has done all
    it can, so that the picture is the same in every run.
    """
    if not isinstance(all, bool):
        raise TypeError(f"timeline(all=...) takes True or False; it got {all!r:.60}.")
    from helpers.timeline_view import Timeline  # only who asks for a picture draws one

    here = record.state() if record.enabled else None
    record.settle([state for state in list(record.living) if state is not here], SETTLE_TIME)
    fresh, forgotten = record.take()
    if all:
        return Timeline(record.events(), record.forgotten)
    return Timeline(fresh, forgotten)


def patience(seconds: float) -> None:
    """How long a cell waits for a program that is not recorded (10 s at first).

    Between two recorded sides no patience is needed: a deadlock is found at once.
    Raises TypeError for anything but a number of seconds above zero.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise TypeError(
            f"patience() takes a number of seconds, such as 30; it got {seconds!r:.60}."
        )
    record.patience = float(seconds)


def panel(live: LiveServer) -> Panel:
    """A remote control for up to three clients of a live server, and a window on that server.

    Put it at the end of a cell. It shows the server's source with the arrow, the ladder and
    the kernel's table, and follows what happens until the server ends. A second panel of the
    same server takes the place of the first.

    Raises TypeError for anything but a LiveServer, and RuntimeError if it was not started.
    """
    from helpers.widgets.panel import Panel  # only who uses a widget needs ipywidgets

    return Panel(live)
