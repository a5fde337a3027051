"""echo_server: it survives every peer."""

from __future__ import annotations

import socket
from contextlib import suppress

from helpers import peers
from helpers.exercises import reading
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads_of_peer
from helpers.exercises.stage import Stage
from helpers.record.record import record

FLOOD = bytes(range(32, 127)) * 1000
"""95,000 bytes of ASCII, without a newline. Who reads much at once gets it `TIMES`."""

UNREAD = 120_000
"""Bytes that a server's receive buffer has room for, and its send buffer has not: so the end of
the client comes to the server, behind them."""

SMALL_BUFFER = 16_384
"""Bytes of the send buffer where somebody does not read: it is full soon."""

TIMES = {4096: 110, 1024: 54, 0: 1}
"""So many for who reads that many bytes at once, or more: 10 MB, 5 MB, or less. 5 MB are more than
any buffer has room for. (Some read 16 bytes at once, and that is right.)"""

SILENT = 30
"""Clients that say nothing: more than a pool of threads usually has."""

PASSING = 100
"""Clients that come and go at once: nobody writes a server for so many and no more."""

WORDS = (b"quit\n", b"exit\n", b"bye", b"q\n", b"\0", b"\xff", b"\n", b".\n")
"""Each alone. To an echo server none of them means anything."""

BUFFER = 262_144
"""Bytes of the send buffer of the server's sockets: it is full long before the flood is over."""

_SPEAKERS = tuple(range(3, 13))
"""So many that a server that stops after five clients, or after ten, does not serve them all."""

MANY_BYTES = FLOOD[: MANY + 100]
"""So many that nobody counts them. recv() gives nearly all of them one by one."""

HELLO = b"still there?\n"

NO_TEXT = bytes(range(256)) + b"\r\n"
"""Each byte that there is, zero first, and a line end: who waits for a newline gets one."""


def _one_byte(stage: Stage) -> None:
    client = _begin(stage)
    peers.one_byte_at_a_time(client, b"hello\n", stage)
    stage.let_time_pass()
    peers.one_byte_at_a_time(client, b"you", stage)
    stage.hear(client, "client")
    if stage.facts["client.received"] == b"hello\nyou":
        with short_reads_of_peer(client), reading.may_be_closed():  # from its next read on
            peers.in_pieces(client, [MANY_BYTES[:1]], stage)
            client.sendall(MANY_BYTES[1:])
            stage.settle()  # the buffers have room for all
            came, _ = stage.read(client)
        stage.fact("of_many", "same_many" if came == MANY_BYTES else "other_many")
    stage.stand()


def _no_text(stage: Stage) -> None:
    client = _begin(stage)
    peers.glued(client, [NO_TEXT[:64], NO_TEXT[64:]], stage)
    stage.hear(client, "client")
    if stage.facts["client.received"] == NO_TEXT:
        peers.in_pieces(client, WORDS, stage)
        came, _ = stage.read(client)
        stage.fact("words", "same_words" if came == b"".join(WORDS) else "other_words")
    stage.stand()


def _in_reverse(stage: Stage) -> None:
    clients = [_begin(stage, 1), _arrive(stage, 2), _arrive(stage, 3)]
    peers.in_reverse(clients, [b"client 1\n", b"client 2\n", b"client 3\n"], stage)
    for number in (3, 2, 1):
        stage.hear(clients[number - 1], f"client_{number}")
    stage.stand()


def _crowd(stage: Stage) -> None:
    """Many say nothing. One sends and does not read. None of them delays another one."""
    _begin(stage, listener=stage.listen(backlog=128, send_buffer=SMALL_BUFFER))
    for _ in range(SILENT):
        stage.connect(stage.address, "silent client")
    stage.settle()
    flooder = _arrive(stage, "one that does not read", small=True)
    _send_and_do_not_read(flooder, stage, len(FLOOD) * TIMES[1024])
    speaker = _arrive(stage, "a speaker")
    speaker.sendall(HELLO)
    stage.hear(speaker, "a_speaker")
    stage.stand()


def _send_and_do_not_read(client: socket.socket, stage: Stage, most: int) -> None:
    """Send until nothing more goes, or so many bytes: who keeps all in memory always takes more."""
    client.settimeout(0)
    with suppress(OSError):
        while most > 0:
            try:
                most -= client.send(FLOOD[:most])
            except BlockingIOError:
                stage.settle()
                most -= client.send(FLOOD[:most])


def _come_and_go(stage: Stage) -> None:
    first = _begin(stage, 1)
    peers.half_close(first, stage)
    stage.hear(first, "client_1", end=True)
    peers.close_without_data(_arrive(stage, 2), stage)
    for number in _SPEAKERS:
        client = _arrive(stage, number)
        client.sendall(HELLO)
        peers.half_close(client, stage)
        stage.hear(client, f"client_{number}", end=True)
    if stage.facts[f"client_{_SPEAKERS[-1]}.received"] == HELLO:
        for _ in range(PASSING):
            stage.connect(stage.address, "passing client").close()
        stage.settle()
        last = _arrive(stage)
        last.sendall(HELLO)
        stage.hear(last, "a_last_one")
    stage.stand()


def _reset(stage: Stage) -> None:
    """The first of all has broken off before the server accepts it: getpeername() fails then."""
    listener = stage.listen(backlog=128, send_buffer=SMALL_BUFFER)
    dead = stage.connect(stage.address, "dead client")
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, peers.LINGER_ZERO)
    dead.close()
    first = _begin(stage, 1, listener=listener)
    peers.in_pieces(first, [b"in the mid"], stage)
    peers.reset(first, stage)
    second = _arrive(stage, 2)
    second.sendall(HELLO)
    stage.hear(second, "client_2")
    if stage.facts["client_2.received"] == HELLO:
        _leaves_without_reading(stage)
        third = _arrive(stage, 3)
        third.sendall(HELLO)
        stage.hear(third, "client_3")
    stage.stand()


def _leaves_without_reading(stage: Stage) -> None:
    """A client sends, ends its side, and closes. The echo comes to nobody, and no reset is seen
    before something is sent: that is BrokenPipeError, where a reset alone is another error."""
    client = _arrive(stage, "one that does not read", small=True)
    _send_and_do_not_read(client, stage, UNREAD)
    with suppress(OSError):
        client.shutdown(socket.SHUT_WR)
    stage.close(client)


def _flood(stage: Stage) -> None:
    stage.serves = True
    stage.start(stage.listen(send_buffer=BUFFER))
    client = _arrive(stage)
    first = max(TIMES)
    client.sendall(FLOOD[:first])
    stage.settle()
    largest = reading.largest_read(stage)
    flood = FLOOD * next(times for size, times in TIMES.items() if largest >= size)
    came = b""
    with reading.may_be_closed():
        with record.probing():
            came = peers.flood(client, flood[first:], stage)
        peers.half_close(client, stage)
        came += stage.read(client)[0]
    stage.fact("client.received", "same_flood" if came == flood else "other_flood")
    stage.stand()


def _begin(
    stage: Stage, number: int | None = None, listener: socket.socket | None = None
) -> socket.socket:
    """Start the server, and its first client."""
    stage.serves = True
    stage.start(listener or stage.listen(backlog=128))
    return _arrive(stage, number)


def _arrive(stage: Stage, who: int | str | None = None, small: bool = False) -> socket.socket:
    """One more client, with its number or name if there are several; `small` is its buffer."""
    name = who if isinstance(who, str) else "client" if who is None else f"client {who}"
    client = stage.connect(stage.address, name, peers.TINY_BUFFER if small else None)
    stage.settle()
    return client


_SERVES = {"ended": "serves"}

SCENARIOS = (
    Scenario(
        "one byte at a time",
        _one_byte,
        {"client.received": b"hello\nyou", "of_many": "same_many", **_SERVES},
    ),
    Scenario(
        "the last one speaks first",
        _in_reverse,
        {
            "client_3.received": b"client 3\n",
            "client_2.received": b"client 2\n",
            "client_1.received": b"client 1\n",
            **_SERVES,
        },
    ),
    Scenario(
        "clients come and go",
        _come_and_go,
        {
            "client_1.received": b"",
            "client_1.saw": "end",
            **{f"client_{number}.received": HELLO for number in _SPEAKERS},
            **{f"client_{number}.saw": "end" for number in _SPEAKERS},
            "a_last_one.received": HELLO,
            **_SERVES,
        },
    ),
    Scenario(
        "a reset in the middle",
        _reset,
        {"client_2.received": HELLO, "client_3.received": HELLO, **_SERVES},
    ),
    Scenario("no text", _no_text, {"client.received": NO_TEXT, "words": "same_words", **_SERVES}),
    Scenario(
        "a flood",
        _flood,
        {"client.received": "same_flood", **_SERVES},
    ),
    Scenario("a crowd", _crowd, {"a_speaker.received": HELLO, **_SERVES}),
)
