"""A thousand learners vote within ten seconds: `make weekly`. With `-s` it prints its figures."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from boards import RunningBoard
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError

from helpers.course.questions import lessons, of_lesson

QUESTION = of_lesson(lessons()[0]).predictions[0].name
LEARNERS = 1000
VOTING = 10.0
"""Seconds over which the votes are spread."""


class Wall:
    """The wall in a browser: when it had how many votes."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.complete = asyncio.Event()
        self._text = ""

    def take(self, chunk: bytes) -> None:
        *states, self._text = (self._text + chunk.decode()).split("\n\n")
        for state in (each for each in states if each.startswith("data: ")):
            question = json.loads(state.removeprefix("data: "))["question"]
            votes = question["rounds"][-1]["votes"] if question else 0
            self.seen.setdefault(votes, time.monotonic())
            if votes == LEARNERS:
                self.complete.set()


class Class:
    """All learners of one board, in this process."""

    def __init__(self, board: RunningBoard) -> None:
        self.board = board
        self.slowest = 0.0
        self._http = AsyncHTTPClient(force_instance=True, max_clients=LEARNERS)

    async def post(self, path: str, told: object, **headers: str) -> dict[str, object]:
        began = time.monotonic()
        request = HTTPRequest(
            self.board.address + path,
            "POST",
            {"Content-Type": "application/json"} | headers,
            json.dumps(told),
            request_timeout=120,
            connect_timeout=120,
        )
        answer = await self._http.fetch(request)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return dict(json.loads(answer.body))

    async def join(self, number: int) -> str:
        told = {"code": self.board.code, "name": f"learner {number}", "learner": uuid.uuid4().hex}
        return str((await self.post("/api/join", told))["token"])

    async def vote(self, number: int, token: str, began: float) -> None:
        await asyncio.sleep(began + VOTING * number / LEARNERS - time.monotonic())
        event = {"id": uuid.uuid4().hex, "number": 1, "kind": "vote", "name": QUESTION,
                 "choice": number % 3, "age": 0.0}  # fmt: skip
        answer = await self.post(
            "/api/events", {"events": [event]}, Authorization=f"Bearer {token}"
        )
        assert answer == {"taken": [event["id"]]}

    async def play(self) -> None:
        began = time.monotonic()
        tokens = await asyncio.gather(*map(self.join, range(LEARNERS)))
        print(f"\n{LEARNERS} learners joined together in {time.monotonic() - began:.1f} s")
        wall, opens = Wall(), {"do": "open", "question": QUESTION}
        await self.post("/api/do", opens, **{"X-Board-Key": self.board.key})
        stream = HTTPRequest(
            f"{self.board.address}/api/wall", streaming_callback=wall.take, request_timeout=300
        )
        page = asyncio.ensure_future(self._http.fetch(stream, raise_error=False))
        self.slowest, began = 0.0, time.monotonic()
        await asyncio.gather(*(self.vote(n, token, began) for n, token in enumerate(tokens)))
        answered = time.monotonic()
        await asyncio.wait_for(wall.complete.wait(), 60)
        print(
            f"they voted in {answered - began:.1f} s; the slowest vote took {self.slowest:.2f} s; "
            f"the wall had the last one {max(0.0, wall.seen[LEARNERS] - answered):.2f} s after it"
        )
        used = psutil.Process(self.board.pid)
        print(f"the board used {sum(used.cpu_times()[:2]):.1f} s of a processor, and "
              f"{used.memory_info().rss / 2**20:.0f} MiB")  # fmt: skip
        self.board.kill()  # this ends the wall's stream, too
        with suppress(HTTPStreamClosedError):
            await page
        self._http.close()


async def play(board: RunningBoard) -> None:
    await Class(board).play()


@pytest.mark.weekly
def test_a_thousand_learners_vote_and_each_counts_once(tmp_path: Path) -> None:
    board = RunningBoard(tmp_path / "board")
    try:
        asyncio.run(play(board))
    finally:
        board.kill()
    counted = "SELECT choice, count(DISTINCT learner), count(*) FROM events GROUP BY choice"
    assert board.rows(counted) == [(0, 334, 334), (1, 333, 333), (2, 333, 333)]
