"""What the board knows, in one SQLite file.

Rules of this file:

- What was answered to a learner is on the disk: the board may be killed at any time.
- An event counts once, however often it is sent: its id is kept.
- A vote counts in the round that was open when it was made, and not when it arrived. In one round
  a learner has one vote: the last one before the answer is shown. Which is the last, the learner's
  own numbers say: the network may bring them in another order.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that look like another one on a wall: I and 1, O and 0."""

CODE_LENGTH = 6

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS learners (
    number INTEGER PRIMARY KEY, learner TEXT UNIQUE NOT NULL, token TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL, joined REAL NOT NULL);
CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY, learner INTEGER NOT NULL REFERENCES learners ON DELETE CASCADE,
    sent INTEGER NOT NULL, made REAL NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    choice INTEGER, outcome TEXT, scenario TEXT, mistake TEXT);
CREATE INDEX IF NOT EXISTS events_of ON events (learner, name);
CREATE TABLE IF NOT EXISTS rounds (
    number INTEGER PRIMARY KEY, question TEXT NOT NULL, opened REAL NOT NULL, closed REAL,
    revealed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS votes (
    round INTEGER NOT NULL REFERENCES rounds ON DELETE CASCADE,
    learner INTEGER NOT NULL REFERENCES learners ON DELETE CASCADE,
    choice INTEGER NOT NULL, sent INTEGER NOT NULL, PRIMARY KEY (round, learner));
"""


@dataclass(frozen=True)
class Round:
    """A question that was put to the class. `number` grows with each."""

    number: int
    question: str
    opened: float
    closed: float | None
    revealed: bool


@dataclass(frozen=True)
class Learner:
    """One learner, and what was heard last: `when` in seconds since 1970."""

    number: int
    name: str
    last_name: str
    last_outcome: str
    when: float


class Store:
    """The data of one class. One process writes it."""

    def __init__(self, path: Path | str) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.executescript(_SCHEMA)
        letters = (secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        self.code = self._setting("code", "".join(letters))
        self.key = self._setting("key", secrets.token_urlsafe(24))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _setting(self, key: str, value: str) -> str:
        self._database.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", (key, value))
        found = self._rows("SELECT value FROM settings WHERE key = ?", key)
        return str(next(found)[0])

    def _rows(self, sql: str, *given: Any) -> Iterator[tuple[Any, ...]]:
        return iter(self._database.execute(sql, given).fetchall())

    # Learners

    def join(self, learner: str, name: str) -> str:
        """The token of a learner: a new one for each call, so that an old one is worth nothing."""
        token = secrets.token_urlsafe(24)
        self._database.execute(
            "INSERT INTO learners (learner, token, name, joined) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (learner) DO UPDATE SET token = excluded.token, name = excluded.name",
            (_hashed(learner), _hashed(token), name, time.time()),
        )
        return token

    def learner_of(self, token: str) -> int | None:
        """The number of the learner with this token."""
        found = self._rows("SELECT number FROM learners WHERE token = ?", _hashed(token))
        return next((row[0] for row in found), None)

    def delete(self, learner: int) -> None:
        """Delete a learner, and all that came from there."""
        self._database.execute("DELETE FROM learners WHERE number = ?", (learner,))

    def delete_all(self) -> None:
        """Delete all learners, and all rounds."""
        self._database.executescript("DELETE FROM learners; DELETE FROM rounds; VACUUM;")

    # What they send

    def take(self, learner: int, events: Iterable[dict[str, Any]]) -> None:
        """Keep events, and count the votes among them. On the disk when it returns."""
        now = time.time()
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        try:
            for event in events:
                made = now - event["age"]
                added = database.execute(
                    "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (event["id"], learner, event["number"], made, event["kind"], event["name"],
                     event.get("choice"), event.get("outcome"), event.get("scenario"),
                     event.get("mistake")),
                )  # fmt: skip
                if added.rowcount and event["kind"] == "vote":
                    self._count(learner, event, made)
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")

    def _count(self, learner: int, event: dict[str, Any], made: float) -> None:
        self._database.execute(
            "INSERT INTO votes SELECT number, ?, ?, ? FROM rounds WHERE question = ?"
            " AND opened <= ? AND (closed IS NULL OR closed > ?)"
            " ON CONFLICT (round, learner) DO UPDATE SET choice = excluded.choice,"
            " sent = excluded.sent WHERE excluded.sent > votes.sent",
            (learner, event["choice"], event["number"], event["name"], made, made),
        )

    # Rounds

    def open_round(self, question: str) -> None:
        """Put a question to the class, from now on. The round before it ends."""
        self.close_round()
        self._database.execute(
            "INSERT INTO rounds (question, opened) VALUES (?, ?)", (question, time.time())
        )

    def close_round(self) -> None:
        """End the voting."""
        self._database.execute("UPDATE rounds SET closed = ? WHERE closed IS NULL", (time.time(),))

    def reveal(self) -> None:
        """Show the votes on the last question: of all its rounds. The voting ends."""
        self.close_round()
        numbers = [(each.number,) for each in self.rounds_now()]
        self._database.executemany("UPDATE rounds SET revealed = 1 WHERE number = ?", numbers)

    def rounds_now(self) -> list[Round]:
        """The rounds of the question that was put last, without a break by another one."""
        rows = self._rows("SELECT number, question, opened, closed, revealed FROM rounds"
                          " ORDER BY number DESC LIMIT 20")  # fmt: skip
        found: list[Round] = []
        for number, question, opened, closed, revealed in rows:
            if found and found[0].question != question:
                break
            found.append(Round(number, question, opened, closed, bool(revealed)))
        return found[::-1]

    def votes(self, round_number: int) -> dict[int, int]:
        """How many chose which choice."""
        sql = "SELECT choice, count(*) FROM votes WHERE round = ? GROUP BY choice"
        return {choice: count for choice, count in self._rows(sql, round_number)}

    # What the pages show

    def learners(self) -> list[Learner]:
        """All learners, in the order in which they joined."""
        return [
            Learner(*row)
            for row in self._rows(
                "SELECT number, learners.name, coalesce(events.name, ''),"
                " coalesce(events.outcome, ''), coalesce(max(made), joined) FROM learners"
                " LEFT JOIN events ON events.learner = number GROUP BY number ORDER BY number"
            )
        ]

    def attempts(self) -> dict[str, dict[int, tuple[int, bool]]]:
        """For each exercise, each learner's checks without success, and whether it was passed."""
        found: dict[str, dict[int, tuple[int, bool]]] = {}
        for name, learner, failed, passed in self._rows(
            "SELECT name, learner, sum(outcome NOT IN ('correct', 'not attempted')),"
            " max(outcome = 'correct') FROM events WHERE kind = 'checked' GROUP BY name, learner"
        ):
            found.setdefault(name, {})[learner] = (failed, bool(passed))
        return found

    def mistakes(self) -> list[tuple[str, str, int]]:
        """Exercise, known mistake, how many learners made it: the most frequent first."""
        return [
            (str(name), str(mistake), int(count))
            for name, mistake, count in self._rows(
                "SELECT name, mistake, count(DISTINCT learner) AS many FROM events"
                " WHERE kind = 'checked' AND mistake != '' GROUP BY name, mistake"
                " ORDER BY many DESC, name, mistake"
            )
        ]

    def exported(self) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
        """Each table for a teacher: its name, its columns, its rows."""
        for table, (head, sql) in _EXPORTED.items():
            yield table, head, [*self._rows(sql)]


_EXPORTED = {
    "events": (
        ("learner", "number", "made", "kind", "name", "choice", "outcome", "scenario", "mistake"),
        "SELECT learners.name, number, made, kind, events.name, choice, outcome, scenario, mistake"
        " FROM events JOIN learners ON events.learner = number ORDER BY number, sent",
    ),
    "votes": (
        ("round", "question", "learner", "number", "choice"),
        "SELECT round, question, name, learners.number, choice FROM votes"
        " JOIN rounds ON rounds.number = round JOIN learners ON learners.number = votes.learner"
        " ORDER BY round, learners.number",
    ),
}


def _hashed(secret: str) -> str:
    """What is kept of a secret: who reads the file cannot use it."""
    return sha256(secret.encode()).hexdigest()
