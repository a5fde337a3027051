"""What learners send to the board, and the limits that both sides keep.

A learner sends JSON by HTTP, three requests in all:

    POST /api/join    {"code", "name", "learner"}            -> {"token"}
    POST /api/events  {"events": [...]}, with the token      -> {"taken": [ids]}
    POST /api/leave   {}, with the token                     -> {}   the board deletes the learner

An event is a dict of short texts and numbers: see `as_event`.
"""

from __future__ import annotations

from typing import Any

from helpers.course.activity import Checked, Vote

LARGEST_BODY = 64 * 1024
"""Bytes of a request. Chosen: `MOST_EVENTS` of the longest ones have half as many."""

MOST_EVENTS = 50
"""Events in one request."""

LONGEST_TEXT = 200
"""Characters of any text in an event. The longest name of a mistake has a third of it."""

LONGEST_NAME = 40
"""Characters of a learner's name. Chosen: a longer one does not fit on the board."""

KINDS = ("vote", "checked")


def as_event(done: Vote | Checked) -> dict[str, Any]:
    """An event as it is sent, but for its `id`, its `number` and its `age`."""
    if isinstance(done, Vote):
        return {"kind": "vote", "name": done.question, "choice": done.choice}
    return {
        "kind": "checked",
        "name": done.exercise,
        "outcome": done.outcome,
        "scenario": done.scenario[:LONGEST_TEXT],
        "mistake": done.mistake[:LONGEST_TEXT],
    }
