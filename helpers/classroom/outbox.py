"""What is still to be sent to the board, on disk: it outlasts the kernel, and a board that is away.

All kernels of a learner share the file. What two of them send twice, the board knows by its id.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

MOST_KEPT = 10_000
"""Events. Chosen: more than a learner makes in a whole course. The oldest ones are dropped."""


class Outbox:
    """The events that wait, the oldest first. Its methods raise sqlite3.Error if the disk fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS waiting"
                " (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT, made REAL, event TEXT)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=2)  # seconds; a write takes thousandths of one

    def add(self, event: dict[str, Any]) -> None:
        """Keep an event until the board has taken it."""
        with closing(self._open()) as database, database:
            database.execute(
                "INSERT INTO waiting (id, made, event) VALUES (?, ?, ?)",
                (uuid.uuid4().hex, time.time(), json.dumps(event)),
            )
            database.execute(
                "DELETE FROM waiting WHERE number <= (SELECT max(number) FROM waiting) - ?",
                (MOST_KEPT,),
            )

    def oldest(self, count: int) -> list[dict[str, Any]]:
        """At most `count` events, each with its `id`, its `number` and its `age` in seconds."""
        with closing(self._open()) as database:
            rows = database.execute(
                "SELECT number, id, made, event FROM waiting ORDER BY number LIMIT ?", (count,)
            ).fetchall()
        now = time.time()
        return [
            {**json.loads(event), "id": each, "number": number, "age": max(0.0, now - made)}
            for number, each, made, event in rows
        ]

    def remove(self, ids: list[str]) -> None:
        """The board has taken these."""
        with closing(self._open()) as database, database:
            database.executemany("DELETE FROM waiting WHERE id = ?", [(each,) for each in ids])

    def clear(self) -> None:
        """Forget all that waits."""
        with closing(self._open()) as database, database:
            database.execute("DELETE FROM waiting")
