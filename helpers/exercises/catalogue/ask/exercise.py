"""ask: the client that ends its question and reads the whole reply."""

from __future__ import annotations

import functools
import random
import socket

from helpers import peers
from helpers.exercises import returned
from helpers.exercises.arrivals import ALL, behind, compare
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.record import record

QUESTION = b"How are you?"

REPLY = (b"Fine, ", b"thank you.\n", b"And you\xef", b"\xbc\x9f\n")

LONG_REPLY = b"I see. " * 3000
"""21,000 bytes: more than a few calls of recv(4096) give."""

ROOM = 65536
"""Bytes of the server's receive buffer: a long question does not fit."""


@functools.cache
def _long_question() -> bytes:
    """6 MB in which no part comes twice."""
    return random.Random(7).randbytes(6_000_000)


def _server(stage: Stage, question: bytes) -> socket.socket | None:
    """Start the function; its connection, at the server's end. None if it does not connect."""
    listener = stage.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)  # accept() passes it on
    stage.start(listener.getsockname(), question)
    return stage.accept(listener, "server")


def _heard(stage: Stage, server: socket.socket | None) -> bool:
    """Read the short question to its end. Whether there was an end."""
    if server is None:
        return False
    stage.hear(server, "server", end=True)
    stage.settle()
    return bool(stage.facts["server.saw"] == "end")


def _in_pieces(stage: Stage) -> None:
    """The reply comes in four pieces: a character is cut, and two of them end with a newline."""
    server = _server(stage, QUESTION)
    if server is not None and _heard(stage, server):
        peers.in_pieces(server, REPLY, stage)
        stage.close(server)
    stage.finish()


def _much(stage: Stage) -> None:
    """The question does not fit into the buffers, and the reply is long, too."""
    question = _long_question()
    server = _server(stage, question)
    if server is not None:
        stage.settle()
        stage.fact("server.received", compare(stage, server, question))
        stage.fact("server.saw", behind(stage, server))
        with record.probing():
            server.settimeout(None)
        if stage.facts["server.saw"] == "end":
            server.sendall(LONG_REPLY)
            stage.close(server)
    stage.finish()


def _nothing(stage: Stage) -> None:
    """The server has nothing to say."""
    server = _server(stage, QUESTION)
    if server is not None and _heard(stage, server):
        stage.close(server)
    stage.finish()


def _broken(stage: Stage) -> None:
    """The server breaks the connection off when it has read the question."""
    server = _server(stage, QUESTION)
    if server is not None and _heard(stage, server):
        peers.reset(server, stage)
    stage.finish()
    returned.tell_broken(stage)


_ASKED = {
    "server.received": QUESTION,
    "server.saw": "end",
}

SCENARIOS = (
    Scenario(
        "a reply in pieces",
        _in_pieces,
        {"ended": "returned", **_ASKED, "returned": b"".join(REPLY)},
    ),
    Scenario(
        "a long question",
        _much,
        {
            "ended": "returned",
            "server.received": ALL,
            "server.saw": "end",
            "returned": LONG_REPLY,
        },
    ),
    Scenario("no reply", _nothing, {"ended": "returned", **_ASKED, "returned": b""}),
    Scenario("breaks off", _broken, {"ended": "raised ConnectionError", **_ASKED}),
)
