"""A class board in a process of its own, for the tests."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import takewhile
from pathlib import Path


class RunningBoard:
    """A board that can be killed and started again, on the same port and with the same data."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.port = 0
        self.code = ""
        self.start()

    def start(self) -> None:
        """Start it, and wait until it has said its address."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "helpers.classroom.board", "--port", str(self.port),
             "--data", str(self.folder), *self.options],
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        ready = "Control-C ends it. What it has is kept.\n"
        before = [*takewhile(ready.__ne__, self._process.stdout)]
        (joins,) = (line for line in before if "classroom.join" in line)
        address, self.code = joins.split("'")[1:4:2]
        self.key = next(line for line in before if "/teacher#" in line).strip().partition("#")[2]
        self.port = int(address.rpartition(":")[2])
        self.address = address

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What is in its file."""
        with closing(sqlite3.connect(self.folder / "board.sqlite")) as database:
            return database.execute(sql).fetchall()
