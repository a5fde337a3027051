"""The thread that sends what waits in the outbox."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from http import HTTPStatus

from helpers.classroom.outbox import Outbox
from helpers.classroom.post import Away, Refused, bearer, post
from helpers.classroom.protocol import MOST_EVENTS
from helpers.record.record import record

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds between two tries while the board is away. Chosen: a board that is started again has
what was kept within half a minute, and a hundred learners do not flood it."""


class Sender:
    """Sends in a thread of its own, until it is stopped. It raises nothing and prints nothing.

    `token(anew)` gives the learner's key to the board, a new one if `anew`.
    """

    def __init__(self, address: str, token: Callable[[bool], str], outbox: Outbox) -> None:
        self.address = address
        self._token = token
        self._outbox = outbox
        self._new = threading.Event()
        self._done = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="class board", daemon=True)
        record.actors.ignore(self._thread)
        self._thread.start()

    def wake(self) -> None:
        """There is something new to send."""
        self._done.clear()
        self._new.set()

    def is_done(self, limit: float) -> bool:
        """Wait until the board has all. False after `limit` seconds."""
        return self._done.wait(limit)

    def stop(self) -> None:
        """End the thread. What it sends at this moment may still arrive."""
        self._stopped.set()
        self._new.set()

    def join(self) -> None:
        """Wait until the stopped thread has ended: for as long as its last request takes."""
        self._thread.join()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopped.is_set():
            self._new.clear()
            try:
                done = self.send_some()
                pause = FIRST_PAUSE
            except (Away, Refused, sqlite3.Error, OSError):
                self._stopped.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if done:
                if not self._new.is_set():
                    self._done.set()
                self._new.wait()

    def send_some(self) -> bool:
        """Send the oldest events. True if none is left. Raises Away, Refused, sqlite3.Error."""
        events = self._outbox.oldest(MOST_EVENTS)
        if not events:
            return True
        try:
            told = post(self.address, "/api/events", {"events": events}, bearer(self._token(False)))
        except Refused as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
            # The board was started with new data: it has to be told again who this is.
            told = post(self.address, "/api/events", {"events": events}, bearer(self._token(True)))
        taken = told.get("taken")
        ids = [each["id"] for each in events]
        self._outbox.remove([each for each in ids if each in taken] if taken else [])
        if not taken:
            raise Away("the board took nothing")
        return len(events) < MOST_EVENTS
