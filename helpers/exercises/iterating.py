"""A function that gives an iterator: what it gives while the peers send, and how it is asked.

Rules of this file:

- Each item is asked for as soon as the one before is there, in the thread of the function. So a
  peer that waits for an answer sees whether an item came in time.
- It is not trusted to end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from helpers.exercises.values import Key, plain

MANY_ITEMS = 10_000
"""Items after which an iterator is taken for one that never ends."""

ITEMS_SHOWN = 6

_ONE_THING = (bytes, bytearray, str)
"""A line, or a message: its bytes are no items of their own."""


class Items:
    """What an iterator has given so far."""

    def __init__(self, key: str) -> None:
        self.given: list[object] = []
        self._key = Key(key)
        """What an iterable is called in the fact `returned`."""

    def each(self, value: Any) -> Any:
        """Ask for each item; for `Stage.start(..., use=)`."""
        if not isinstance(value, Iterable) or isinstance(value, _ONE_THING):
            return value
        for item in value:
            self.given.append(item)
            if len(self.given) >= MANY_ITEMS:
                return Key("endless")
        return self._key

    def first(self, value: Any) -> Any:
        """Ask for one item only."""
        if isinstance(value, Iterable):
            for _ in value:
                break
        return self._key

    def plain(self) -> list[Any]:
        """All of them, as facts."""
        return [plain(item) for item in self.given]

    def shown(self) -> list[Any]:
        """The first ones, as facts."""
        return self.plain()[:ITEMS_SHOWN]
