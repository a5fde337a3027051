"""ask: the client that ends its question and reads the whole reply."""

from __future__ import annotations

import functools
import random
import socket

from helpers import peers
from helpers.exercises import fair_time, returned
from helpers.exercises.arrivals import ALL, behind, compare
from helpers.exercises.hosts import another_host
from helpers.exercises.reading import PAUSE, SMALL_READ, Then, largest_read, may_be_closed, sends
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import Key
from helpers.record.record import record

QUESTION = b"How are you?"

REPLY = (b"Fine,\0", b" ", b"thank you.\r\n", b"And you\xef", b"\xbc\x9f\n")

SHORT = b"Fine."

LONG_REPLY = b"Indeed.\xff\0" * 3000
"""27,000 bytes, and no text: more than a few calls of recv(4096) give."""

DOTS = 120
"""Pieces of one byte before it: more than anybody counts."""

ROOM = 65536
"""Bytes of the server's receive buffer: a long question does not fit."""

LONG = 60
"""So many times the long reply for who reads much at once: more than 1 MiB, and than any read."""

SHOWN = 60
"""Bytes of another reply than the long one that are shown."""

AMPLE = 5.0
"""Seconds for the system to refuse a connection: it needs a thousandth of one."""

_TRIES = 5
"""Connections after a break, at which a function is taken for one that always tries again."""


@functools.cache
def _long_question() -> bytes:
    """6 MB in which no part comes twice. At both ends stands what is easily lost."""
    return b" \0" + random.Random(7).randbytes(6_000_000) + b"\0 \n"


def _asked(stage: Stage, question: bytes, host: str = HERE[0]) -> socket.socket:
    """Start the function; the listener that it asks."""
    listener = stage.listen(host=host)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)  # accept() passes it on
    stage.start(listener.getsockname(), question)
    return listener


def _heard(stage: Stage, server: socket.socket | None) -> bool:
    """Read the short question to its end. Whether there was an end."""
    if server is None:
        return False
    stage.hear(server, "server", end=True)
    stage.settle()
    return bool(stage.facts["server.saw"] == "end")


def _replies(
    stage: Stage, *pieces: bytes | None, question: bytes = QUESTION, host: str = HERE[0]
) -> None:
    """The server reads the question to its end, sends these pieces, and closes."""
    server = stage.accept(_asked(stage, question, host), "server")
    if server is not None and _heard(stage, server):
        sends(stage, server, pieces)
        stage.close(server)
    stage.finish()


def _much(stage: Stage) -> None:
    """The question does not fit into the buffers, and the reply is long, too."""
    question = _long_question()
    server = stage.accept(_asked(stage, question), "server")
    if server is not None:
        stage.settle()
        stage.fact("server.received", compare(stage, server, question))
        stage.fact("server.saw", behind(stage, server))
        with record.probing():
            server.settimeout(None)
        if stage.facts["server.saw"] == "end":
            _reply_at_length(stage, server)
            return
    stage.finish()


def _reply_at_length(stage: Stage, server: socket.socket) -> None:
    """How long the reply is depends on how much is read at once."""
    reply = b"." * DOTS + LONG_REPLY
    peers.in_pieces(server, [*[b"."] * DOTS, LONG_REPLY], stage)
    if not 0 < largest_read(stage) < SMALL_READ:
        with may_be_closed():
            server.sendall(LONG_REPLY * LONG)
        reply += LONG_REPLY * LONG
    stage.close(server)
    stage.finish()
    given = stage.facts.get("returned")
    if isinstance(given, bytes):
        whole = given == reply
        stage.fact("returned", Key("long_reply") if whole else given[:SHOWN])
        if not whole and reply.startswith(given):
            stage.fact("returned", Key("its_beginning"))


def _broken(stage: Stage) -> None:
    """The server breaks the connection off in the middle of its reply."""
    listener = _asked(stage, QUESTION)
    server = stage.accept(listener, "server")
    if server is not None and _heard(stage, server):
        sends(stage, server, REPLY[:1], Then.BREAKS_OFF)
        _break_each(stage, listener)
    stage.finish()
    returned.tell_broken(stage)


def _refused(stage: Stage) -> None:
    """Nobody listens there any more."""
    with stage.listen() as listener:
        address = listener.getsockname()
    stage.start(address, QUESTION)
    fair_time.watch(lambda: stage.run.is_over, AMPLE)  # the system refuses, in no time
    stage.finish()
    returned.tell_broken(stage)


def _break_each(stage: Stage, listener: socket.socket) -> None:
    """Who connects once more meets the same."""
    for _ in range(_TRIES):
        if not readable(listener)():
            return
        stage.fact("after_the_break", "connects_again")
        server = stage.accept(listener, "server")
        if server is not None:
            peers.reset(server, stage)


_ASKED = {
    "server.received": QUESTION,
    "server.saw": "end",
}

_WHOLE = {"ended": "returned", **_ASKED, "returned": b"".join(REPLY)}

SCENARIOS = (
    Scenario("a reply in pieces", lambda stage: _replies(stage, *REPLY), _WHOLE),
    Scenario(
        "a long question",
        _much,
        {
            "ended": "returned",
            "server.received": ALL,
            "server.saw": "end",
            "returned": Key("long_reply"),
        },
    ),
    Scenario("no reply", _replies, {**_WHOLE, "returned": b""}),
    Scenario(
        "no question",
        lambda stage: _replies(stage, SHORT, question=b"", host=another_host()),
        {"ended": "returned", "server.received": b"", "server.saw": "end", "returned": SHORT},
    ),
    Scenario(
        "a pause",
        lambda stage: _replies(stage, PAUSE, SHORT, PAUSE),
        {**_WHOLE, "returned": SHORT},
        also=({"ended": "raised TimeoutError", **_ASKED},),
    ),
    Scenario("breaks off", _broken, {"ended": "raised ConnectionError", **_ASKED}),
    Scenario("nobody listens", _refused, {"ended": "raised ConnectionError"}),
)
