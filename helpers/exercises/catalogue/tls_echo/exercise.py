"""tls_echo: a server that speaks TLS, with clients that begin badly, end badly, or do neither."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

from helpers import peers
from helpers.exercises import reading, secured
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage

HELLO = b"still there?\n"

UNTAME = bytes(range(256)) + b"\r\n"
"""Each byte that there is, zero first, and a line end: who waits for a newline gets one."""

WORDS = (b"quit\n", b"exit\n", b"bye", b"\0", b"\xff", b"\n", b".\n", b" ")
"""Each alone. To an echo server none of them means anything."""

CROWD = 100
"""Clients that come together: nobody writes a server for so many and no more."""

SILENT = 30
"""Clients that say nothing after the handshake: more than a pool of threads usually has."""

FLOOD = bytes(range(32, 127)) * 3_000
"""285,000 bytes of ASCII, without a newline: more than a limit gives."""

RECORDS = 110
"""Bytes before it, each echoed before the next one comes: more reads than anybody counts."""

SMALL_BUFFER = 16_384
"""Bytes of the send buffer where somebody does not read: it is full soon."""

UNREAD = 3_000_000
"""Bytes that who does not read sends at most: no buffer has room for them."""

BEGINNING = b"\x16\x03\x01\x02\x00\x01\x00"
"""Of a ClientHello of 512 bytes (RFC 8446, 5.1): the rest of it does not come."""

GARBAGE = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def _begin(stage: Stage, backlog: int = 128, send_buffer: int | None = None) -> None:
    """Start the server."""
    stage.serves = True
    listener = stage.listen(backlog=backlog, send_buffer=send_buffer)
    stage.start(listener, secured.server_context())


def _arrive(stage: Stage, who: str = "client", small: bool = False) -> ssl.SSLSocket:
    """One more client. Its handshake is still to be made."""
    plain = stage.connect(stage.address, who, peers.TINY_BUFFER if small else None)
    return secured.wrap(stage, plain, who, secured.client_context())


def _meet(
    stage: Stage, who: str = "client", fact: str = "", small: bool = False
) -> ssl.SSLSocket | None:
    """One more client, with its handshake. None where that fails: a fact says how."""
    client = _arrive(stage, who, small)
    outcome = secured.shake_hands(stage, client)
    if outcome == "done":
        return client
    stage.fact(f"{fact or who.replace(' ', '_')}.saw", outcome)
    return None


def _is_served(stage: Stage, who: str) -> None:
    """A client comes, and says one word. What it gets back is a fact."""
    client = _meet(stage, who)
    if client is None:
        return
    secured.send(stage, client, HELLO)
    _hear(stage, client, who, HELLO)


def _hear(stage: Stage, client: ssl.SSLSocket, who: str, data: bytes) -> bool:
    """Whether these bytes have come back, and no others."""
    came, _ = secured.read(stage, client, len(data))
    more = came == data and secured.has_more(stage, client)
    stage.fact(f"{who.replace(' ', '_')}.received", came + b"..." if more else came)
    return came == data and not more


def _words(stage: Stage) -> None:
    """A client sends all bytes that there are, byte by byte for a while, and some words."""
    _begin(stage)
    client = _meet(stage)
    if client is None:
        stage.stand()
        return
    for place in range(10):
        secured.send(stage, client, UNTAME[place : place + 1])
        stage.settle()
    if _hear(stage, client, "client", UNTAME[:10]):
        stage.let_time_pass()
        if _comes_back(stage, client, "rest", UNTAME[10:]):
            _comes_back(stage, client, "words", *WORDS)
    stage.stand()


def _comes_back(stage: Stage, client: ssl.SSLSocket, fact: str, *pieces: bytes) -> bool:
    """Whether the client gets back what it sends in pieces; if not, how it was left."""
    for piece in pieces:
        secured.send(stage, client, piece)
        stage.settle()
    wanted = b"".join(pieces)
    came, saw = secured.read(stage, client, len(wanted))
    stage.fact(fact, "same_words" if came == wanted else "other_words")
    if came != wanted and saw != "more_bytes":
        stage.fact("client.saw", saw)
    return came == wanted


def _silent(stage: Stage) -> None:
    """Some do nothing in the handshake, or only begin. Others come together, and are served."""
    _begin(stage)
    stage.connect(stage.address, "silent client")
    stage.settle()
    beginner = stage.connect(stage.address, "silent client")
    beginner.sendall(BEGINNING)
    stage.settle()
    _is_served(stage, "a speaker")
    if stage.facts.get("a_speaker.received") == HELLO:
        for _ in range(CROWD):
            stage.connect(stage.address, "silent client")
        stage.settle()
        _is_served(stage, "a last one")
    stage.stand()


def _failed(stage: Stage) -> None:
    """Handshakes that fail, each in another way; the first client has gone before accept()."""
    listener = stage.listen(backlog=128)
    dead = stage.connect(stage.address, "dead client")
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, peers.LINGER_ZERO)
    dead.close()
    stage.serves = True
    stage.start(listener, secured.server_context())
    _speaks_no_tls(stage)
    distrustful = secured.wrap(
        stage,
        stage.connect(stage.address, "distrustful client"),
        "distrustful client",
        secured.distrustful_context(),
    )
    stage.fact("who_does_not_trust", secured.shake_hands(stage, distrustful))
    stage.close(distrustful)
    for bye in (stage.close, lambda sock: peers.reset(sock, stage)):
        quitter = stage.connect(stage.address, "client")
        quitter.sendall(BEGINNING)
        stage.settle()
        bye(quitter)
    _is_served(stage, "a last one")
    stage.stand()
    if isinstance(stage.run.error, OSError):
        stage.fact("ended", "raised OSError")  # which client's error it was, is a matter of luck


def _speaks_no_tls(stage: Stage) -> None:
    client = stage.connect(stage.address, "client")
    client.sendall(GARBAGE)
    stage.settle()
    came, _ = stage.read(client)
    stage.fact("without_tls", "an_echo" if GARBAGE in came else "nothing")
    stage.close(client)


def _the_end(stage: Stage) -> None:
    """A client says that no more comes, and waits for the same. Others end without."""
    _begin(stage)
    client = _meet(stage)
    if client is not None:
        secured.send(stage, client, HELLO)
        if _hear(stage, client, "client", HELLO):
            secured.end(stage, client)
            _, saw = secured.read(stage, client)
            stage.fact("client.saw", saw)
        stage.close(client)
    for bye in (stage.close, lambda sock: peers.reset(sock, stage)):
        other = _meet(stage, "client 2")
        if other is None:
            break
        secured.send(stage, other, HELLO)
        stage.settle()
        bye(other)
    _is_served(stage, "a last one")
    stage.stand()


def _crowd(stage: Stage) -> None:
    """Many say nothing. One sends and does not read. None of them delays another one."""
    _begin(stage, send_buffer=SMALL_BUFFER)
    for _ in range(SILENT):
        if _meet(stage, "silent client", "a_peer") is None:
            break
    flooder = _meet(stage, "one that does not read", "a_peer", small=True)
    if flooder is not None:
        _send_and_do_not_read(stage, flooder)
    _is_served(stage, "a speaker")
    if flooder is not None:
        peers.reset(flooder, stage)
        _is_served(stage, "a last one")
    stage.stand()


def _send_and_do_not_read(stage: Stage, client: ssl.SSLSocket) -> None:
    """Send until nothing more goes, or so many bytes: who keeps all in memory always takes more."""
    with reading.may_be_closed(), suppress(secured.Nothing, ssl.SSLError):
        for _ in range(0, UNREAD, len(FLOOD)):
            if not secured.send(stage, client, FLOOD):
                return


def _flood(stage: Stage) -> None:
    """A client sends much, and reads it."""
    _begin(stage)
    client = _meet(stage)
    if client is not None:
        came = bytearray()
        for place in range(RECORDS):
            secured.send(stage, client, FLOOD[place : place + 1])
            came += secured.read(stage, client, 1)[0]
            if len(came) <= place:
                break
        for start in range(RECORDS, len(FLOOD), 50_000):
            piece = FLOOD[start : start + 50_000]
            secured.send(stage, client, piece)
            came += secured.read(stage, client, len(piece))[0]
        same = came == FLOOD and not secured.has_more(stage, client)
        stage.fact("client.received", "same_flood" if same else "other_flood")
    stage.stand()


_SERVES = {"ended": "serves"}
_SPEAKS = {"a_speaker.received": HELLO, "a_last_one.received": HELLO, **_SERVES}

SCENARIOS = (
    Scenario(
        "a client speaks",
        _words,
        {"client.received": UNTAME[:10], "rest": "same_words", "words": "same_words", **_SERVES},
    ),
    Scenario("silent handshakes", _silent, _SPEAKS),
    Scenario(
        "failed handshakes",
        _failed,
        {
            "without_tls": "nothing",
            "who_does_not_trust": "not_trusted",
            "a_last_one.received": HELLO,
            **_SERVES,
        },
    ),
    Scenario(
        "the end",
        _the_end,
        {
            "client.received": HELLO,
            "client.saw": "end",
            "a_last_one.received": HELLO,
            **_SERVES,
        },
    ),
    Scenario("a flood", _flood, {"client.received": "same_flood", **_SERVES}),
    Scenario("a crowd", _crowd, _SPEAKS),
)
