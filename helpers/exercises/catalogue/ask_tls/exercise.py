"""ask_tls: who is asked is the right one, and its reply is whole."""

from __future__ import annotations

import functools
import random
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest import mock

from helpers import peers
from helpers.exercises import secured
from helpers.exercises.reading import PAUSE
from helpers.exercises.scenario import Facts, Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import Key, Quoted

QUESTION = b" How are\0you?\xff \r\n"

REPLY = (b"\0 Fine,\0", b" ", b"thank you.\r\n", b"And you\xef", b"\xbc\x9f \n")

SHORT = b"Fine.\0"

LONG_REPLY = b"Indeed.\xff\0." * 20_000
"""200,000 bytes: more than any number of records that somebody reads at once."""

DOTS = 120
"""Records of one byte before it: more than anybody counts. A read gives one record at most."""

DOT = b"."

RECORD = b"\x17\x03\x03"
"""So begins what crosses: a record with data of the program's (RFC 8446, 5.1)."""


@functools.cache
def _long_question() -> bytes:
    """100,000 bytes in one line: more than one record of TLS has room for."""
    return b" \0" + random.Random(20).randbytes(100_000).replace(b"\n", b" ") + b"\0 \n"


def _call(stage: Stage, question: bytes = QUESTION, trusts: str = secured.RIGHT) -> socket.socket:
    """Start the function; the listener that it asks."""
    listener = stage.listen()
    path = stage.during(secured.authority(trusts).cert_pem.tempfile())
    stage.start(listener.getsockname(), secured.NAME, path, question)
    return listener


def _meets(stage: Stage, listener: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket | None:
    """Accept the function, and make the handshake. None where that fails."""
    conn = stage.accept(listener, "plain")
    if conn is None:
        return None
    server = secured.wrap(stage, conn, "server", context, server=True)
    outcome = secured.shake_hands(stage, server)
    stage.fact("handshake", outcome)
    if outcome != "done":
        stage.close(server)
        return None
    stage.fact("asked_for", _name(getattr(server, "asked_for", None)))
    return server


def _name(asked: str | None) -> str:
    return "nothing" if asked is None else Quoted(asked)


def _hears(stage: Stage, server: ssl.SSLSocket, question: bytes = QUESTION) -> bool:
    """Read as much as the question has. Whether it came."""
    came, saw = secured.read(stage, server, len(question))
    stage.fact("server.received", "all" if came == question else Quoted(repr(came[:60])))
    if saw != "more_bytes":
        stage.fact("server.saw", saw)
    elif secured.has_more(stage, server):
        stage.fact("server.received", "more_bytes")
    return came == question


def _replies(
    stage: Stage,
    *pieces: bytes | None,
    whole: bool = True,
    question: bytes = QUESTION,
    authority: str = secured.RIGHT,
) -> None:
    """The right server answers in these pieces, and ends; not `whole`: without a close_notify."""
    listener = _call(stage, question, authority)
    server = _meets(stage, listener, secured.server_context(signed_by=authority))
    if server is not None and _hears(stage, server, question):
        _sends(stage, server, pieces, whole)
    stage.finish()
    _tell_reply(stage, b"".join(piece for piece in pieces if piece))


def _sends(
    stage: Stage, server: ssl.SSLSocket, pieces: Sequence[bytes | None], whole: bool
) -> None:
    for piece in pieces:
        if piece is None:
            stage.let_time_pass()
        elif not secured.send(stage, server, piece):
            break
        if piece != DOT:
            stage.settle()
    if whole:
        secured.end(stage, server)
    stage.close(server)


def _tell_reply(stage: Stage, reply: bytes) -> None:
    """What was returned, where it is long, or differs from run to run."""
    given = stage.facts.get("returned")
    if isinstance(given, bytes) and given.startswith(RECORD):
        stage.fact("returned", Key("still_encrypted"))
    elif isinstance(given, bytes) and len(reply) > len(b"".join(REPLY)):
        whole = "long_reply" if given == reply else "other_bytes"
        part = given != reply and reply.startswith(given)
        stage.fact("returned", Key("its_beginning" if part else whole))
    if stage.facts.get("handshake") == "no_tls" and isinstance(stage.run.error, OSError):
        stage.fact("ended", "raised OSError")  # which one, is a matter of luck


def _impostor(
    stage: Stage,
    context: Callable[[], ssl.SSLContext],
    around: Callable[[], AbstractContextManager[Any]] = ExitStack,
) -> None:
    """A server that cannot show who it is. It would take a question, and answer it."""
    stage.during(around())
    listener = _call(stage)
    server = _meets(stage, listener, context())
    if server is None and readable(listener)():
        stage.fact("then", "connects_again")
        server = _meets(stage, listener, context())
    if stage.facts.get("handshake") in _WAYS_TO_REFUSE:
        stage.fact("handshake", "turned_away")
    if server is not None and _hears(stage, server):
        _sends(stage, server, REPLY, True)
    stage.finish()
    _tell_reply(stage, b"".join(REPLY))


_WAYS_TO_REFUSE = ("refused_by_it", "left")
"""Most say why (an alert), and asyncio only leaves."""


def _another_authority() -> ssl.SSLContext:
    return secured.server_context(signed_by=secured.ANOTHER)


def _the_system_trusts_it() -> AbstractContextManager[Any]:
    """Programs that trust what their system trusts, trust this authority too."""
    held = ExitStack()
    path = held.enter_context(secured.authority(secured.ANOTHER).cert_pem.tempfile())
    held.enter_context(mock.patch.dict("os.environ", SSL_CERT_FILE=path))
    return held


def _without_tls(stage: Stage) -> None:
    """Somebody answers who knows no TLS. Who then asks without, is heard by everybody."""
    listener = _call(stage)
    conn = stage.accept(listener, "server")
    if conn is not None:
        peers.in_pieces(conn, [b"220 shop.example is here\r\n"], stage)
        stage.close(conn)
        if readable(listener)():
            stage.fact("then", "connects_again")
            again = stage.accept(listener, "server")
            if again is not None:
                came, _ = stage.read(again, len(QUESTION))
                stage.fact("server.received", "all" if came == QUESTION else "another_handshake")
                peers.in_pieces(again, REPLY, stage)
                stage.close(again)
    stage.finish()
    _tell_reply(stage, b"".join(REPLY))


_ASKED: Facts = {
    "handshake": "done",
    "asked_for": Quoted(secured.NAME),
    "server.received": "all",
}
_WHOLE: Facts = {"ended": "returned", **_ASKED, "returned": b"".join(REPLY)}
_REFUSES: Facts = {"ended": "raised SSLCertVerificationError", "handshake": "turned_away"}

SCENARIOS = (
    Scenario(
        "a reply in pieces",
        lambda stage: _replies(stage, *REPLY, authority=secured.ANOTHER),
        _WHOLE,
    ),
    Scenario(
        "an unknown authority",
        lambda stage: _impostor(stage, _another_authority, _the_system_trusts_it),
        _REFUSES,
    ),
    Scenario(
        "another name",
        lambda stage: _impostor(
            stage, functools.partial(secured.server_context, secured.ANOTHER_NAME)
        ),
        _REFUSES,
    ),
    Scenario(
        "an old certificate",
        lambda stage: _impostor(stage, functools.partial(secured.server_context, expired=True)),
        _REFUSES,
    ),
    Scenario("no TLS", _without_tls, {"ended": "raised SSLError"}),
    Scenario(
        "a cut",
        lambda stage: _replies(stage, *REPLY[:3], whole=False),
        {"ended": "raised SSLEOFError", **_ASKED},
    ),
    Scenario(
        "a pause",
        lambda stage: _replies(stage, PAUSE, SHORT, PAUSE),
        {**_WHOLE, "returned": SHORT},
        also=({"ended": "raised TimeoutError", **_ASKED},),
    ),
    Scenario(
        "much",
        lambda stage: _replies(stage, *[DOT] * DOTS, LONG_REPLY, question=_long_question()),
        {"ended": "returned", **_ASKED, "returned": Key("long_reply")},
    ),
)
