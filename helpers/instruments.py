"""What a learner asks the record for by hand: the timeline, and more patience."""

from __future__ import annotations

from helpers.record import record
from helpers.timeline import Timeline

SETTLE_TIME = 2.0
"""Seconds given to the other threads to come to rest before the timeline is drawn."""


def timeline(all: bool = False) -> Timeline:
    """The calls since the last timeline was shown, as a ladder diagram.

    `timeline(all=True)` shows the whole record. Waits first until every server has done all
    it can, so that the picture is the same in every run.
    """
    if not isinstance(all, bool):
        raise TypeError(f"timeline(all=...) takes True or False; it got {all!r:.60}.")
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
