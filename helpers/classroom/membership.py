"""Join a class, leave it, and go on after the kernel was started again.

What was joined stands in the learner's data folder, beside the progress. The token in it is the
learner's own key to the board: nobody else should read it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from helpers.classroom.outbox import Outbox
from helpers.classroom.post import Away, Refused, Untrusted, bearer, post
from helpers.classroom.protocol import LONGEST_NAME, as_event
from helpers.classroom.sender import Sender
from helpers.classroom.words import words
from helpers.course import activity
from helpers.course.progress_store import data_folder
from helpers.particles import filled
from helpers.text import visible

HUB_BOARD = "SOCKET_COURSE_BOARD"
"""The environment variable in which a hub names the address of its board."""

FIRST_ANSWER = 2.0
"""Seconds that `join` waits for the board. After that it goes on without it."""


@dataclass(frozen=True)
class Membership:
    """The class that was joined."""

    address: str
    code: str
    name: str
    learner: str
    """A random id, made here: the board knows a learner by it, with or without a name."""
    token: str = ""
    """What the board has given. Empty as long as it has not answered."""


class _Member:
    """This kernel's part in the class: it observes, keeps and sends."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.outbox = Outbox(_folder() / "to-the-board.sqlite")
        self.sender = Sender(membership.address, self._token, self.outbox)
        activity.observers.append(self.observe)

    def observe(self, done: activity.Vote | activity.Checked) -> None:
        self.outbox.add(as_event(done))
        self.sender.wake()

    def end(self) -> None:
        activity.observers.remove(self.observe)
        self.sender.stop()

    def _token(self, anew: bool) -> str:
        """The token, asked for as soon as the board answers. Raises Away and Refused."""
        if anew or not self.membership.token:
            self.membership = _introduced(self.membership)
            _keep(self.membership)
        return self.membership.token


_member: _Member | None = None


def join(address: str = "", code: str = "", name: str = "") -> None:
    """Send your votes and the outcomes of your checks to the class board, from now on.

    `name` is what the teacher sees. It may be left out. On a hub `classroom.join()` is enough: the
    hub has a board of its own, and says who you are. What is sent is said before the first
    sending. Raises ValueError for an address that is none; a board that does not answer is no
    error: what you do is kept, and sent later.
    """
    global _member
    say = words().join
    address = address or os.environ.get(HUB_BOARD, "")
    parts = urlsplit(address if isinstance(address, str) else "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(filled(say.no_address, given=f"{address!r:.80}"))
    name = visible(" ".join(str(name).split()))[:LONGEST_NAME]
    leave_quietly()
    before = _kept()
    learner = before.learner if before else uuid.uuid4().hex
    joined = Membership(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}",
                        str(code).strip().upper(), name, learner)  # fmt: skip
    print(filled(say.what_is_sent, name=name or say.nobody))
    try:
        joined = _introduced(joined, FIRST_ANSWER)
    except Refused as error:
        print(filled(say.refused, says=visible(str(error))))
        return
    except Untrusted as error:
        print(filled(say.untrusted, address=visible(joined.address), why=visible(str(error))))
    except Away:
        print(filled(say.away, address=visible(joined.address)))
    else:
        print(say.joined)
    try:
        _keep(joined)
        _member = _Member(joined)
    except (OSError, sqlite3.Error) as error:
        print(filled(say.no_disk, error=visible(str(error))))


def leave() -> None:
    """Send nothing any more, and have the board delete what it knows of you."""
    say = words().leave
    joined = _kept()
    leave_quietly()
    try:
        for path in (_membership_file(), _folder() / "to-the-board.sqlite"):
            path.unlink(missing_ok=True)
    except OSError:
        pass
    if joined is None:
        print(say.nothing)
        return
    try:
        if joined.token:
            post(joined.address, "/api/leave", {}, bearer(joined.token), FIRST_ANSWER)
        print(say.left)
    except (Away, Refused):
        print(say.not_deleted)


def leave_quietly() -> None:
    """End this kernel's part. What was joined stays on disk."""
    global _member
    if _member is not None:
        _member.end()
        _member = None


def resume() -> str:
    """Go on in the class that was joined, if one was. The line to show, or `""`. Never raises."""
    global _member
    joined = _kept()
    if joined is None or _member is not None:
        return ""
    try:
        _member = _Member(joined)
    except (OSError, sqlite3.Error):
        return ""
    return filled(words().join.resumed, address=visible(joined.address))


def _introduced(joined: Membership, limit: float = FIRST_ANSWER) -> Membership:
    """The membership with the token of the board. Raises Away and Refused."""
    told = {"code": joined.code, "name": joined.name, "learner": joined.learner}
    # The hub's token says who a learner is. It goes to the hub's own board and to no other place.
    of_the_hub = joined.address == os.environ.get(HUB_BOARD, "").rstrip("/")
    token = os.environ.get("JUPYTERHUB_API_TOKEN", "") if of_the_hub else ""
    answer = post(joined.address, "/api/join", told, f"token {token}" if token else "", limit)
    return replace(joined, token=str(answer.get("token", "")))


# On disk


def _folder() -> Path:
    return data_folder()


def _membership_file() -> Path:
    return _folder() / "class.json"


def _keep(joined: Membership) -> None:
    path = _membership_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(joined), file)
    draft.replace(path)


def _kept() -> Membership | None:
    """What was joined. None if nothing was, or the file cannot be understood."""
    try:
        stored = json.loads(_membership_file().read_text(encoding="utf-8"))
        return Membership(**{key: str(value) for key, value in stored.items()})
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError, RecursionError):
        return None
