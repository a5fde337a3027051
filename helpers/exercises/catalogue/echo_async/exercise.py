"""echo_async: one client of a server, by the streams of asyncio."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass, field

from helpers import peers
from helpers.exercises import fair_time, reading
from helpers.exercises.coroutines import Handlers
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.waiting import QUIET_TIME
from helpers.record.wakeup import is_ready

HELLO = b"still there?\n"

NO_TEXT = bytes(range(256)) + b" \r\n"
"""Each byte that there is, zero first, and a line end: who waits for a newline gets one."""

WORDS = (b"quit\n", b"exit\n", b"bye", b"q\n", b"\0", b"\xff", b"\n", b".\n", b" ")
"""Each alone. To an echo server none of them means anything."""

SMALL_BUFFER = 16_384
"""Bytes of the send buffer where somebody does not read: it is full soon."""

BUFFER = 262_144
"""Bytes of the send buffer for the flood: it is full long before the flood is over."""

UNREAD = 120_000
"""Bytes that a server's receive buffer has room for, and its send buffer has not: so the end of
the client comes to the server, behind them."""

FLOOD = bytes(range(32, 127)) * 1000 * 70
"""6.65 MB without a newline: more than what the buffers between two sockets hold here, and than a
hundred pieces of 64 KiB."""

BOUND = 1_500_000
"""Bytes that a server may have taken of a client that does not read. It needs a part of them: a
stream keeps 64 KiB to be written and 128 KiB that were read, and asks for 256 KiB at a time."""


@dataclass
class Play:
    """A stage, and the server on it."""

    stage: Stage
    send_buffer: int = SMALL_BUFFER
    handlers: Handlers = field(init=False)

    def __post_init__(self) -> None:
        self.handlers = Handlers(lambda call: self.stage.fact("raised_in", f"call {call}"))
        self.stage.serves = True
        listener = self.stage.listen(backlog=128, send_buffer=self.send_buffer)
        self.stage.start(listener, within=self.handlers.serve)

    def arrive(self, who: int | str = "", small: bool = False) -> socket.socket:
        """One more client, with its number or name if there are several; `small` is its buffer."""
        name = who if isinstance(who, str) and who else f"client {who}".strip()
        client = self.stage.connect(self.stage.address, name, peers.TINY_BUFFER if small else None)
        self.stage.settle()
        return client

    def tell(self, place: int, who: str) -> None:
        """Fact: how the call for this client has ended, or that it has not."""
        self.stage.settle()
        ended = self.handlers.ended
        self.stage.fact(f"{who}.call", ended[place] if place < len(ended) else "not_called")


def _one_byte(stage: Stage) -> None:
    stage.hold_clock()
    play = Play(stage)
    client = play.arrive()
    if play.handlers.ended == ["returned_open"]:  # before anything has come
        stage.run.untouched = True
    peers.one_byte_at_a_time(client, b"hello\n", stage)
    stage.let_time_pass()
    peers.one_byte_at_a_time(client, b"you", stage)
    stage.hear(client, "client")
    play.tell(0, "client")
    stage.stand()


def _in_reverse(stage: Stage) -> None:
    play = Play(stage)
    clients = [play.arrive(number) for number in (1, 2, 3)]
    peers.in_reverse(clients, [b"client 1\n", b"client 2\n", b"client 3\n"], stage)
    for number in (3, 2, 1):
        stage.hear(clients[number - 1], f"client_{number}")
    stage.stand()


def _come_and_go(stage: Stage) -> None:
    play = Play(stage)
    first = play.arrive(1)
    peers.half_close(first, stage)
    play.tell(0, "client_1")
    stage.hear(first, "client_1", end=True)
    peers.close_without_data(play.arrive(2), stage)
    play.tell(1, "client_2")
    third = play.arrive(3)
    third.sendall(HELLO)
    peers.half_close(third, stage)
    stage.hear(third, "client_3", end=True)
    stage.stand()


def _no_text(stage: Stage) -> None:
    client = Play(stage).arrive()
    peers.glued(client, [NO_TEXT[:64], NO_TEXT[64:]], stage)
    stage.hear(client, "client")
    if stage.facts["client.received"] == NO_TEXT:
        peers.in_pieces(client, WORDS, stage)
        came, _ = stage.read(client)
        stage.fact("words", "same_words" if came == b"".join(WORDS) else "other_words")
    stage.stand()


def _reset(stage: Stage) -> None:
    play = Play(stage)
    first = play.arrive(1)
    peers.in_pieces(first, [b"in the mid"], stage)
    peers.reset(first, stage)
    play.tell(0, "client_1")
    second = play.arrive(2, small=True)
    _send_and_do_not_read(second, stage, UNREAD)
    with suppress(OSError):
        second.shutdown(socket.SHUT_WR)
    stage.settle()
    stage.close(second)
    play.tell(1, "client_2")
    third = play.arrive(3)
    third.sendall(HELLO)
    stage.hear(third, "client_3")
    stage.stand()


def _does_not_read(stage: Stage) -> None:
    """What the server takes of a client that does not read is bounded; then that one resets."""
    play = Play(stage)
    flooder = play.arrive("one that does not read", small=True)
    _send_and_do_not_read(flooder, stage, 2 * BOUND)
    stage.fact("taken", "fits" if _taken_from(flooder) < BOUND else "much")
    speaker = play.arrive("a speaker")
    speaker.sendall(HELLO)
    stage.hear(speaker, "a_speaker")
    peers.reset(flooder, stage)
    play.tell(0, "flooder")
    stage.stand()


def _taken_from(client: socket.socket) -> int:
    """Bytes that the server has received of it so far."""
    info = info_of(client)
    return info.endpoint.outgoing.received if info is not None and info.endpoint is not None else 0


def _send_and_do_not_read(client: socket.socket, stage: Stage, most: int) -> None:
    """Send until nothing more goes, or so many bytes: who keeps all in memory always takes more."""

    def has_room() -> bool:
        return is_ready(client.fileno(), write=True)

    client.settimeout(0)
    with suppress(OSError):
        while most > 0:
            try:
                most -= client.send(FLOOD[:most])
            except BlockingIOError:
                stage.settle()
                if not fair_time.watch(has_room, QUIET_TIME):
                    break
    stage.settle()


def _flood(stage: Stage) -> None:
    client = Play(stage, send_buffer=BUFFER).arrive()
    came = b""
    with reading.may_be_closed():
        with record.probing():
            came = peers.flood(client, FLOOD, stage)
        peers.half_close(client, stage)
        came += stage.read(client)[0]
    stage.fact("client.received", "same_flood" if came == FLOOD else "other_flood")
    stage.stand()


def _cancelled(stage: Stage) -> None:
    """Its task is cancelled while it waits for the client."""
    play = Play(stage)
    client = play.arrive()
    client.sendall(HELLO)
    stage.hear(client, "client")
    play.handlers.cancel(0)
    play.tell(0, "client")
    _, ending = stage.read(client)
    stage.fact("client.saw", ending)
    stage.stand()


_SERVES = {"ended": "serves"}
_CLOSED = "returned_closed"

SCENARIOS = (
    Scenario(
        "one byte at a time",
        _one_byte,
        {"client.received": b"hello\nyou", "client.call": "still_there", **_SERVES},
    ),
    Scenario(
        "clients come and go",
        _come_and_go,
        {
            "client_1.call": _CLOSED,
            "client_1.received": b"",
            "client_1.saw": "end",
            "client_2.call": _CLOSED,
            "client_3.received": HELLO,
            "client_3.saw": "end",
            **_SERVES,
        },
    ),
    Scenario(
        "the last one speaks first",
        _in_reverse,
        {**{f"client_{each}.received": b"client %d\n" % each for each in (3, 2, 1)}, **_SERVES},
    ),
    Scenario("no text", _no_text, {"client.received": NO_TEXT, "words": "same_words", **_SERVES}),
    Scenario(
        "a reset in the middle",
        _reset,
        {
            "client_1.call": _CLOSED,
            "client_2.call": _CLOSED,
            "client_3.received": HELLO,
            **_SERVES,
        },
    ),
    Scenario("a flood", _flood, {"client.received": "same_flood", **_SERVES}),
    Scenario(
        "one does not read",
        _does_not_read,
        {
            "taken": "fits",
            "a_speaker.received": HELLO,
            "flooder.call": _CLOSED,
            **_SERVES,
        },
    ),
    Scenario(
        "cancelled",
        _cancelled,
        {
            "client.received": HELLO,
            "client.call": "cancelled_closed",
            "client.saw": "end",
            **_SERVES,
        },
    ),
)
