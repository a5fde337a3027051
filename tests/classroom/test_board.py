"""The board on the network: what it takes, what it refuses, what it pushes."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from helpers.classroom.board import app
from helpers.classroom.board.app import SERVER, Board, application
from helpers.classroom.board.store import Store
from helpers.course import questions

QUESTION = questions.of_lesson(questions.lessons()[0]).predictions[0].name


class Client:
    """What sends requests to one board."""

    def __init__(self, port: int, store: Store) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.store = store
        self._http = AsyncHTTPClient(force_instance=True, max_clients=50)

    async def ask(
        self, path: str, told: Any = None, raw: bytes | None = None, **headers: str
    ) -> HTTPResponse:
        """POST if there is something to tell, else GET. Never raises for a status."""
        sent = {"Content-Type": "application/json"} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        body = raw if raw is not None else None if told is None else json.dumps(told).encode()
        request = HTTPRequest(
            self.address + path, "GET" if body is None else "POST", sent, body=body
        )
        return await self._http.fetch(request, raise_error=False)

    async def join(self, **more: str) -> str:
        told = {"code": self.store.code, "name": "Kim", "learner": uuid.uuid4().hex, **more}
        response = await self.ask("/api/join", told)
        assert response.code == 200
        return str(json.loads(response.body)["token"])

    async def states(self, path: str, count: int, **headers: str) -> list[dict[str, Any]]:
        """The first states that a page gets."""
        found: list[dict[str, Any]] = []
        text = ""
        enough: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def more(chunk: bytes) -> None:
            nonlocal text
            *parts, text = (text + chunk.decode()).split("\n\n")
            found.extend(json.loads(p[6:]) for p in parts if p.startswith("data: "))
            if len(found) >= count and not enough.done():
                enough.set_result(None)

        request = HTTPRequest(
            self.address + path,
            headers={key.replace("_", "-"): value for key, value in headers.items()},
            streaming_callback=more,
            request_timeout=30,
        )
        stream = asyncio.ensure_future(self._http.fetch(request, raise_error=False))
        await asyncio.wait([enough, stream], return_when=asyncio.FIRST_COMPLETED)
        stream.cancel()
        return found[:count]


def run(tmp_path: Path, scene: Callable[[Client], Awaitable[None]]) -> None:
    """Play a scene with a board of its own."""

    async def whole() -> None:
        store = Store(tmp_path / "board.sqlite")
        sockets = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(application(Board(store)), **SERVER)
        server.add_sockets(sockets)
        client = Client(sockets[0].getsockname()[1], store)
        try:
            await scene(client)
        finally:
            client._http.close()
            server.stop()
            await server.close_all_connections()
            store.close()

    asyncio.run(whole())


def vote(choice: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "number": 1, "kind": "vote", "name": QUESTION, "choice": choice,
            "age": 0.0, **more}  # fmt: skip


def says(response: HTTPResponse) -> str:
    return str(json.loads(response.body)["says"])


def test_a_vote_reaches_the_wall(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        token = await client.join()
        key = client.store.key
        assert (await client.ask("/api/do", {"do": "open", "question": QUESTION},
                                 X_Board_Key=key)).code == 200  # fmt: skip
        pages = asyncio.ensure_future(client.states("/api/wall", 2))
        await client.states("/api/wall", 1)  # the first page has had its first state by now
        event = vote(1)
        response = await client.ask(
            "/api/events", {"events": [event]}, Authorization=f"Bearer {token}"
        )
        assert json.loads(response.body) == {"taken": [event["id"]]}
        before, after = await pages
        assert (
            before["question"]["rounds"][0]["votes"],
            after["question"]["rounds"][0]["votes"],
        ) == (0, 1)

    run(tmp_path, scene)


def test_the_teachers_part_needs_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "WRONG_CODE_TIME", 0)

    async def scene(client: Client) -> None:
        token = await client.join()
        for path, told in (
            ("/api/teacher", None),
            ("/api/export", None),
            ("/api/do", {"do": "close"}),
        ):
            for headers in ({}, {"X_Board_Key": "x"}, {"Authorization": f"Bearer {token}"}):
                assert (await client.ask(path, told, **headers)).code == 403
            assert client.store.code not in str((await client.ask(path, told)).body)
        assert (await client.states("/api/teacher", 1, X_Board_Key=client.store.key))[0]["code"]
        assert (await client.ask("/api/export", X_Board_Key=client.store.key)).code == 200

    run(tmp_path, scene)


def test_a_wrong_code_waits_and_only_some_may_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(client: Client) -> None:
        may_end = asyncio.Event()
        monkeypatch.setattr(app.asyncio, "sleep", lambda seconds: may_end.wait())
        wrong = {"code": "WRONG1", "name": "", "learner": uuid.uuid4().hex}
        requests = range(app.WRONG_CODES + 5)
        waiting = [asyncio.ensure_future(client.ask("/api/join", wrong)) for _ in requests]
        refused = [await each for each in islice(asyncio.as_completed(waiting), 5)]
        assert {each.code for each in refused} == {429}
        may_end.set()
        codes = [(await each).code for each in waiting]
        assert codes.count(403) == app.WRONG_CODES

    run(tmp_path, scene)


def test_a_key_is_not_taken_from_another_machine(tmp_path: Path) -> None:
    """A handler is asked as Tornado would for a request of another address."""

    class Elsewhere:
        remote_ip = "192.168.1.7"
        protocol = "http"
        headers = {"X-Board-Key": "any"}  # noqa: RUF012

    handler = app.Do.__new__(app.Do)
    handler.request = Elsewhere()  # type: ignore[assignment]
    with pytest.raises(app.web.HTTPError, match="teacher's machine"):
        handler.has_key()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": "x"},
        vote(id="../../x"),
        vote(kind="other"),
        vote(name="<script>"),
        vote(name="x" * 61),
        vote(choice=-1),
        vote(choice=1e300),
        vote(choice=True),
        vote(choice="1"),
        vote(age=-1),
        vote(age=float("nan")),
        vote(age=float("inf")),
        vote(kind="checked", outcome="wonderful"),
        vote(kind="checked", outcome="correct", mistake=3),
        vote(kind="checked", outcome="correct", scenario="x" * 801),
        None,
        [],
        "vote",
    ],
)
def test_a_hostile_event_is_refused_whole(tmp_path: Path, event: Any) -> None:
    async def scene(client: Client) -> None:
        token = await client.join()
        told = {"events": [vote(), event]}
        response = await client.ask("/api/events", told, Authorization=f"Bearer {token}")
        assert response.code == 400
        assert [rows for _, _, rows in client.store.exported()] == [[], []]

    run(tmp_path, scene)


@pytest.mark.parametrize(
    "raw", [b"", b"x", b"[]", b"null", b"[" * 60_000, b'{"events": 3}', b"\xff", b"{}"]
)
def test_a_hostile_body_is_refused(tmp_path: Path, raw: bytes) -> None:
    async def scene(client: Client) -> None:
        token = await client.join()
        response = await client.ask("/api/events", raw=raw, Authorization=f"Bearer {token}")
        assert response.code == 400

    run(tmp_path, scene)


def test_who_is_unknown_and_what_is_too_large(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        assert (await client.ask("/api/events", {"events": []})).code == 401
        assert (
            await client.ask("/api/events", {"events": []}, Authorization="Bearer x")
        ).code == 401
        token = await client.join()
        many = {"events": [vote() for _ in range(51)]}
        assert (await client.ask("/api/events", many, Authorization=f"Bearer {token}")).code == 400
        large = await client.ask("/api/events", raw=b" " * 70_000, Authorization=f"Bearer {token}")
        assert large.code in (400, 599)  # the connection is closed before all was sent
        form = await client.ask(
            "/api/join", raw=b"code=x", Content_Type="application/x-www-form-urlencoded"
        )
        assert form.code == 400

    run(tmp_path, scene)


def test_a_flood_is_slowed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "ONE_ADDRESS", (0, 7))
    monkeypatch.setattr(app, "ONE_LEARNER", (0, 2))

    async def scene(client: Client) -> None:
        bearer = f"Bearer {await client.join()}"
        told = {"events": []}
        codes = [(await client.ask("/api/events", told, Authorization=bearer)).code
                 for _ in range(3)]  # fmt: skip
        assert codes == [200, 200, 429]
        codes = [(await client.ask("/api/events", told)).code for _ in range(4)]
        assert codes == [401] * 3 + [429]

    run(tmp_path, scene)


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "\x1b[2J", "a" * 150, "김\u202e", "\x00"]
)
def test_a_hostile_name_is_one_short_line_of_text(tmp_path: Path, name: str) -> None:
    async def scene(client: Client) -> None:
        await client.join(name=name)
        (shown,) = await client.states("/api/teacher", 1, X_Board_Key=client.store.key)
        kept = shown["people"][0]["name"]
        assert len(kept) <= 40
        assert kept.isprintable()

    run(tmp_path, scene)


def test_leaving_deletes(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        token = await client.join()
        await client.ask("/api/events", {"events": [vote()]}, Authorization=f"Bearer {token}")
        assert (await client.ask("/api/leave", {}, Authorization=f"Bearer {token}")).code == 200
        assert client.store.learners() == []
        assert (await client.ask("/api/leave", {}, Authorization=f"Bearer {token}")).code == 401

    run(tmp_path, scene)


def test_what_cannot_be_done_changes_nothing(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        for told in ({}, {"do": "open", "question": "none"}, {"do": "delete", "learner": "1"},
                     {"do": ["open"]}):  # fmt: skip
            assert (await client.ask("/api/do", told, X_Board_Key=client.store.key)).code == 400
        assert client.store.rounds_now() == []

    run(tmp_path, scene)


def test_the_pages_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        for path in ("/", "/wall", "/teacher", "/pages/board.js", "/pages/board.css"):
            response = await client.ask(path)
            assert response.code == 200
            assert b"http://" not in response.body
            assert b"https://" not in response.body
            assert client.store.code not in str(response.body)
        assert (
            "default-src 'self'" in (await client.ask("/wall")).headers["Content-Security-Policy"]
        )
        for path in ("/pages/../app.py", "/pages/%2e%2e/app.py", "/pages/wall.html", "/etc/passwd"):
            assert (await client.ask(path)).code in (403, 404)

    run(tmp_path, scene)


def test_two_hundred_votes_are_counted_once_each(tmp_path: Path) -> None:
    async def scene(client: Client) -> None:
        tokens = [client.store.join(uuid.uuid4().hex, str(n)) for n in range(200)]
        client.store.open_round(QUESTION)

        async def votes(number: int) -> None:
            event = vote(number % 2)
            for _ in range(2):  # each is sent twice
                response = await client.ask(
                    "/api/events", {"events": [event]}, Authorization=f"Bearer {tokens[number]}"
                )
                assert response.code == 200

        await asyncio.gather(*(votes(number) for number in range(200)))
        assert client.store.votes(client.store.rounds_now()[-1].number) == {0: 100, 1: 100}

    run(tmp_path, scene)
