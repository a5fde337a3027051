"""What the board takes from the network: shapes, sizes, rates. All else is refused."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from typing import Any

from helpers.classroom.protocol import KINDS, LONGEST_NAME, LONGEST_TEXT, MOST_EVENTS
from helpers.text import visible

ONE_LEARNER = (5, 100)
"""Requests a second in the long run, and how many may come together. Chosen: a learner makes one
for each choice, and many after the board was away."""

ONE_ADDRESS = (200, 2000)
"""The same for an address. Chosen: a whole class can stand behind one, and comes back together."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_ID = re.compile(r"[0-9a-f]{32}")

_OUTCOMES = {"correct", "incorrect", "cannot check", "not attempted"}


class Refusal(Exception):
    """The request is refused. The text says why, for whoever wrote the client."""


def events_in(body: Any) -> list[dict[str, Any]]:
    """The events of a request, each with nothing but what is known. Raises Refusal."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise Refusal(f"events: a list of at most {MOST_EVENTS}")
    return [_event(each) for each in events]


def _event(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.get("kind") not in KINDS:
        raise Refusal(f"kind: one of {', '.join(KINDS)}")
    event = {
        "id": _matching(given, "id", _ID),
        "name": _matching(given, "name", _NAME),
        "age": _number(given, "age", 10 * 365 * 24 * 3600),
        "number": int(_number(given, "number", 2**53)),
        "kind": given["kind"],
    }
    if event["kind"] == "vote":
        event["choice"] = int(_number(given, "choice", 20))
    else:
        if given.get("outcome") not in _OUTCOMES:
            raise Refusal("outcome: not a known one")
        event["outcome"] = given["outcome"]
        event |= {key: text_in(given, key, LONGEST_TEXT) for key in ("scenario", "mistake")}
    return event


def name_in(body: dict[str, Any]) -> str:
    """The learner's name, in one line. Raises Refusal."""
    return text_in(body, "name", LONGEST_NAME)


def text_in(given: dict[str, Any], key: str, most: int) -> str:
    """A short text that can be shown. Raises Refusal."""
    text = given.get(key, "")
    if not isinstance(text, str) or len(text) > 4 * most:
        raise Refusal(f"{key}: a text of at most {most} characters")
    return visible(" ".join(text.split()))[:most]


def _matching(given: dict[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    text = given.get(key)
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise Refusal(f"{key}: not of the form that is known")
    return text


def _number(given: dict[str, Any], key: str, most: float) -> float:
    number = given.get(key)
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= most:
        raise Refusal(f"{key}: a number from 0 to {most}")
    return float(number)


class Rate:
    """How many requests each key may make: `most = (a second in the long run, together)`."""

    MOST_KEYS = 10_000
    """Keys that are remembered: those that were seen last."""

    def __init__(self, most: tuple[float, float]) -> None:
        self._refill, self._full = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Count one request."""
        now = time.monotonic()
        left, then = self._left.pop(key, (self._full, now))
        left = min(self._full, left + (now - then) * self._refill)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > self.MOST_KEYS:
            self._left.popitem(last=False)
        return left >= 1
