"""The board on the network: what learners send, the two pages, and what is pushed to them.

Rules of this file:

- A page never asks twice: it opens one stream, and gets the new state when something has changed
  (server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html).
- A request is taken as JSON only, and the teacher's key as a header only: no form and no link of
  another site can send either.
- The key is taken from this machine, or by TLS: in an open network it could be read.
- Nothing here trusts a length, a name or a number of a client: see `limits.py`.
"""

from __future__ import annotations

import asyncio
import csv
import hmac
import io
import ipaddress
import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tornado import web
from tornado.iostream import StreamClosedError

from helpers.classroom.board import state
from helpers.classroom.board.limits import (
    ONE_ADDRESS,
    ONE_LEARNER,
    Rate,
    Refusal,
    events_in,
    name_in,
    text_in,
)
from helpers.classroom.board.saying import PAGES, REFUSED, page
from helpers.classroom.board.store import Store
from helpers.classroom.protocol import LARGEST_BODY
from helpers.text import harmless_in_csv, visible

if TYPE_CHECKING:
    from helpers.classroom.board.hub import Hub

WRONG_CODE_TIME = 1.0
"""Seconds that a wrong code waits for its answer. Chosen: nobody who mistypes minds it."""

WRONG_CODES = 10
"""Wrong codes of one address that may wait at the same time. With the second of each, that is ten
guesses a second; there are 32**6 codes."""

MOST_STREAMS = 500
"""Pages that are open at the same time."""

PUSH_EVERY = 0.2
"""Seconds between two states for one page. Chosen: a page is newer than a second, and a thousand
votes that come together are drawn a few times and not a thousand."""

STILL_THERE = 15.0
"""Seconds after which an unchanged page gets a sign of life: proxies close what is silent for a
minute (https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes)."""


class Board:
    """What all requests share: the store, the rates, and the pages that wait for news."""

    def __init__(self, store: Store, hub: Hub | None = None) -> None:
        self.store = store
        self.hub = hub
        self.rate = Rate(ONE_ADDRESS)
        self.learner_rate = Rate(ONE_LEARNER)
        self.version = 0
        self.open = True
        self.streams = 0
        self.wrong_codes: Counter[str] = Counter()
        self._news: asyncio.Event = asyncio.Event()
        self._drawn: dict[str, str] = {}

    def changed(self) -> None:
        """The pages are to be drawn anew."""
        self.version += 1
        self._drawn.clear()
        self._news.set()
        self._news = asyncio.Event()

    def close(self) -> None:
        """End all streams."""
        self.open = False
        self.changed()

    async def news(self, seen: int, limit: float) -> bool:
        """Wait until the version is another one than `seen`. False after `limit` seconds."""
        if self.version != seen:
            return True
        try:
            await asyncio.wait_for(self._news.wait(), limit)
        except TimeoutError:
            return False
        return True

    def drawn(self, what: Callable[[Store], dict[str, Any]]) -> str:
        """The state as JSON: computed once for all pages."""
        if what.__name__ not in self._drawn:
            self._drawn[what.__name__] = json.dumps(what(self.store))
        return self._drawn[what.__name__]


class Handler(web.RequestHandler):
    """What all answers have in common."""

    board: Board

    def initialize(self, board: Board) -> None:
        """Tornado calls it with what stands beside the route."""
        self.board = board

    def set_default_headers(self) -> None:
        """No page may run, load or frame anything of another place."""
        self.set_header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """What breaks a limit is the sender's fault, and not the board's."""
        if isinstance(kwargs.get("exc_info", (None, None))[1], Refusal):
            status_code = HTTPStatus.BAD_REQUEST
        super().send_error(status_code, **kwargs)

    def log_exception(self, *exc_info: Any) -> None:
        """A refusal is nothing to log: anybody could fill the log."""
        if not isinstance(exc_info[1], Refusal):
            super().log_exception(*exc_info)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error as JSON: what the page or the client shows."""
        error = kwargs.get("exc_info", (None, None))[1]
        says = getattr(error, "log_message", None) or self._reason
        says = str(error) if isinstance(error, Refusal) else says
        self.finish({"says": str(says)})

    def body_told(self) -> dict[str, Any]:
        """The JSON object of the request. Raises HTTPError."""
        if not self.board.rate.allows(self.request.remote_ip or ""):
            raise web.HTTPError(429, REFUSED["often"])
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        try:
            told = json.loads(self.request.body) if kind == "application/json" else None
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise web.HTTPError(400, REFUSED["json"])
        return told

    def learner(self) -> int:
        """The number of the learner who sends. Raises HTTPError."""
        token = self.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (found := self.board.store.learner_of(token)) is None:
            raise web.HTTPError(HTTPStatus.UNAUTHORIZED, REFUSED["unknown"])
        if not self.board.learner_rate.allows(str(found)):
            raise web.HTTPError(429, REFUSED["often"])
        return found

    def has_key(self) -> bool:
        """Whether the teacher sends this. Raises HTTPError where the key is not taken."""
        given = self.request.headers.get("X-Board-Key", "")
        if not given:
            return False
        here = ipaddress.ip_address(self.request.remote_ip or "0.0.0.0").is_loopback
        # Behind a hub's proxy everybody seems to be here: there the hub sees to TLS.
        if not here and self.request.protocol != "https":
            raise web.HTTPError(403, REFUSED["key in the open"])
        return hmac.compare_digest(given.encode(), self.board.store.key.encode())

    async def need_key(self) -> None:
        """Raises HTTPError if it is not the teacher who sends this."""
        if not self.has_key():
            await self.slowly_refuse(REFUSED["key"])

    async def slowly_refuse(self, says: str) -> None:
        """Refuse a wrong code or key, after a pause: nobody can try many. Raises HTTPError."""
        wrong, who = self.board.wrong_codes, self.request.remote_ip or ""
        wrong[who] += 1
        try:
            await asyncio.sleep(WRONG_CODE_TIME)
        finally:
            wrong[who] -= 1
            if not wrong[who]:
                del wrong[who]
        raise web.HTTPError(403, says)

    def need_patience(self) -> None:
        """Raises HTTPError if too many wrong codes of this address wait already."""
        if self.board.wrong_codes[self.request.remote_ip or ""] >= WRONG_CODES:
            raise web.HTTPError(429, REFUSED["codes"])


class Join(Handler):
    """A learner comes in with the class code."""

    async def post(self) -> None:
        told = self.body_told()
        self.need_patience()
        name = name_in(told)
        if self.board.hub is not None:
            user = await self.board.hub.learner(self.request.headers.get("Authorization", ""))
            if user is None:
                await self.slowly_refuse(REFUSED["hub"])
            learner, name = f"user of the hub: {user}", name or visible(str(user))
        else:
            learner = await self.with_code(told)
        self.finish({"token": self.board.store.join(learner, name)})
        self.board.changed()

    async def with_code(self, told: dict[str, Any]) -> str:
        """The random text by which a learner is known. Raises HTTPError for a wrong code."""
        code = told.get("code")
        given = code.encode("utf-8", "replace") if isinstance(code, str) else b""
        if not hmac.compare_digest(given, self.board.store.code.encode()):
            await self.slowly_refuse(REFUSED["code"])
        learner = text_in(told, "learner", 64)
        if len(learner) < 16:
            raise Refusal("learner: a random text of 16 characters or more")
        return learner


class Events(Handler):
    """What a learner has done."""

    def post(self) -> None:
        told, learner = self.body_told(), self.learner()
        events = events_in(told)
        self.board.store.take(learner, events)
        self.finish({"taken": [each["id"] for each in events]})
        self.board.changed()


class Leave(Handler):
    """A learner goes, and takes along what the board knows."""

    def post(self) -> None:
        self.body_told()
        self.board.store.delete(self.learner())
        self.finish({})
        self.board.changed()


class Stream(Handler):
    """A page that is open: one state after another, for as long as somebody looks."""

    async def get(self) -> None:
        if self.board.streams >= MOST_STREAMS:
            raise web.HTTPError(503, REFUSED["pages"])
        what = await self.shown()
        self.set_header("Content-Type", "text/event-stream")
        self.board.streams += 1
        try:
            while self.board.open:
                seen = self.board.version
                self.write(f"data: {self.board.drawn(what)}\n\n")
                await self.flush()
                await asyncio.sleep(PUSH_EVERY)
                while not await self.board.news(seen, STILL_THERE):
                    self.write(":\n\n")
                    await self.flush()
        except StreamClosedError:  # nobody looks any more
            return
        finally:
            self.board.streams -= 1

    async def shown(self) -> Callable[[Store], dict[str, Any]]:
        """What this page shows."""
        return state.wall


class TeacherStream(Stream):
    """The teacher's page."""

    async def shown(self) -> Callable[[Store], dict[str, Any]]:
        self.need_patience()
        await self.need_key()
        return state.teacher


class Do(Handler):
    """What the teacher presses."""

    async def post(self) -> None:
        told = self.body_told()
        self.need_patience()
        await self.need_key()
        store = self.board.store
        match told:
            case {"do": "open", "question": str(name)} if name in {
                each[1] for each in state.question_names()
            }:
                store.open_round(name)
            case {"do": "close"}:
                store.close_round()
            case {"do": "reveal"}:
                store.reveal()
            case {"do": "delete", "learner": int(number)}:
                store.delete(number)
            case _:
                raise web.HTTPError(400, REFUSED["do"])
        self.finish({})
        self.board.changed()


class Export(Handler):
    """All that the board knows, as CSV files in a zip."""

    async def get(self) -> None:
        self.need_patience()
        await self.need_key()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in csv_files(self.board.store):
                archive.writestr(name, text.encode("utf-8-sig"))  # -sig: Excel asks for it
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", 'attachment; filename="board.zip"')
        self.finish(packed.getvalue())


class Page(Handler):
    """One of the two pages. It has nothing of the class in it: that comes by the stream."""

    name = ""

    def initialize(self, board: Board, name: str = "wall") -> None:
        super().initialize(board)
        self.name = name

    def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page(self.name))


class PageFile(web.StaticFileHandler):
    """What the pages load."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")


def csv_files(store: Store) -> list[tuple[str, str]]:
    """The tables of the store: name of the file, text."""
    found = []
    for name, head, rows in store.exported():
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(head)
        writer.writerows([harmless_in_csv(each) for each in row] for row in rows)
        found.append((f"{name}.csv", text.getvalue()))
    return found


def application(board: Board) -> web.Application:
    """The board as a Tornado application. A hub shows it under a path of its own."""
    shared = {"board": board}
    prefix = ""
    first: list[Any] = []
    more: dict[str, Any] = {}
    if board.hub is not None:
        from helpers.classroom.board.hub import routes  # only a hub has JupyterHub

        prefix = board.hub.prefix
        first, more = routes(prefix, board.store.key), {"cookie_secret": os.urandom(32)}
    return web.Application(
        [
            *first,
            (f"{prefix}/api/join", Join, shared),
            (f"{prefix}/api/events", Events, shared),
            (f"{prefix}/api/leave", Leave, shared),
            (f"{prefix}/api/wall", Stream, shared),
            (f"{prefix}/api/teacher", TeacherStream, shared),
            (f"{prefix}/api/do", Do, shared),
            (f"{prefix}/api/export", Export, shared),
            (f"{prefix}/(?:wall)?", Page, {**shared, "name": "wall"}),
            (f"{prefix}/teacher(?:-page)?", Page, {**shared, "name": "teacher"}),
            (f"{prefix}/pages/(.*\\.(?:js|css|svg))", PageFile, {"path": str(PAGES)}),
        ],
        default_handler_class=web.ErrorHandler,
        default_handler_args={"status_code": 404},
        log_function=lambda handler: None,
        **more,
    )


SERVER = {"max_body_size": LARGEST_BODY, "max_header_size": 16 * 1024, "body_timeout": 10.0,
          "idle_connection_timeout": 60.0}  # fmt: skip
"""How the server reads: `tornado.httpserver.HTTPServer(application, **SERVER)`."""
