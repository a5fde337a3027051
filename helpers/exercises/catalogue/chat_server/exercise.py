"""chat_server: each complete line goes to all others, and nobody waits for anybody."""

from __future__ import annotations

import socket
from contextlib import suppress

from helpers import peers
from helpers.exercises import reading
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import MANY, short_reads_of_peer
from helpers.exercises.stage import Stage
from helpers.exercises.traffic import readable

SMALL_BUFFER = 16_384
"""Bytes of the send buffer of the server's sockets: they do not hide who does not read."""

UNTAME = (b" one\t\0\r\n", b"\xff {two} \n", b"\n")
"""Lines that are no text, and one that is empty: bytes that are easily lost."""

HELLO = b"still there?\n"
AGAIN = b"and the others?\n"

MANY_LINES = b"".join(b"%d" % (each % 9) * 99 + b"\n" for each in range(MANY // 100))
"""So many bytes that nobody counts them, in a few lines. recv() gives them one by one."""

LONGEST = b"x" * 999 + b"\n"
"""The longest line that there may be."""

WORDS = (b"quit\n", b"exit\n", b"bye\n", b"/quit\n")
"""To a chat none of them means anything."""

MANY_SHORT = [b"%05d" % number * 18 + b" is short\n" for number in range(580)]
"""58,000 bytes, in lines of which more wait than anybody counts: still no reason to close."""

TOO_MUCH = [LONGEST] * 160
"""More than 64 KiB beyond what any buffer of the two systems has room for: they are small here.
Who counts lines has room for more of them."""

STEP = 6_000
"""Bytes that are sent, about, before the others read: each that reads has room for them."""

CROWD = 100
"""Clients that come at the same time: more than a pool of threads usually has."""


class Room:
    """The function, and the clients that have come."""

    def __init__(self, stage: Stage, backlog: int = 128) -> None:
        self.stage = stage
        self.clients: list[socket.socket] = []
        self.came: dict[socket.socket, bytes] = {}
        stage.serves = True
        self.listener = stage.listen(backlog=backlog, send_buffer=SMALL_BUFFER)

    def start(self, count: int) -> list[socket.socket]:
        """The function is called, and so many clients come, one after another."""
        self.stage.start(self.listener)
        return [self.arrive() for _ in range(count)]

    def arrive(self, small: bool = False, at_once: bool = False) -> socket.socket:
        """One more client. Its receive buffer may be `small`; nothing waits if it is `at_once`."""
        name = f"client {len(self.clients) + 1}"
        buffer = peers.TINY_BUFFER if small else None
        client = self.stage.connect(self.stage.address, name, buffer)
        self.clients.append(client)
        if not at_once:
            self.stage.settle()
        return client

    def say(self, client: socket.socket, *pieces: bytes) -> None:
        """The client sends, and the function does what it can after each piece."""
        with suppress(ConnectionError):  # it was closed: what others get is a fact
            peers.in_pieces(client, pieces, self.stage)

    def hear(self, *clients: socket.socket, end: bool = False) -> None:
        """Facts: all that has come to these clients so far; with `end` also how it ended."""
        for client in clients:
            who = f"client_{self.clients.index(client) + 1}"
            came, saw = self.stage.read(client)
            self.came[client] = self.came.get(client, b"") + came
            self.stage.fact(f"{who}.received", self.came[client])
            if end:
                self.stage.fact(f"{who}.saw", "closed" if saw in ("end", "reset") else saw)


def _talk(stage: Stage) -> None:
    """Three clients speak in turn. A pause is no reason to leave, and no word is one either.

    At last recv() gives many lines byte by byte.
    """
    room = Room(stage)
    clients = room.start(3)
    for client, line in zip(reversed(clients), UNTAME, strict=True):
        room.say(client, line)
    stage.let_time_pass()
    room.say(clients[1], *WORDS)
    room.hear(*clients)
    with short_reads_of_peer(clients[0]), reading.may_be_closed():  # from its next read on
        room.say(clients[0], MANY_LINES[:1], MANY_LINES[1:])
    heard = {stage.read(each)[0] for each in clients[1:]}
    stage.fact("of_many", "all" if heard == {MANY_LINES} else "not_all")
    stage.stand()


def _pieces(stage: Stage) -> None:
    """One sends half a line, and another one a whole line meanwhile. Then byte by byte."""
    room = Room(stage)
    one, two, _ = room.start(3)
    room.say(one, b"half")
    room.say(two, b"a whole line\n")
    room.say(one, b" a line\nand the next\nand ")
    room.hear(*room.clients)
    room.say(one, *(b"%c" % each for each in b"m\0re\n"))
    room.say(two, b"thi", b"s\nhalf of")
    room.say(two, b" it\nand one\nand another\n")
    room.hear(*room.clients)
    stage.stand()


def _leave(stage: Stage) -> None:
    """One has reset before accept(), one resets, one closes inside a line, and one after another
    comes and goes. Then another one comes, and all that are there still hear each other."""
    room = Room(stage)
    dead = stage.connect(stage.address, "dead client")
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, peers.LINGER_ZERO)
    dead.close()
    one, two, three, four = room.start(4)
    room.say(one, b"the last words of cli")
    peers.close_without_data(one, stage)
    room.say(two, b"in the mid")
    peers.reset(two, stage)
    room.say(three, HELLO)
    room.hear(three, four)
    five = room.arrive()
    room.say(five, HELLO)
    room.hear(three, four, five)
    peers.half_close(four, stage)
    room.hear(four, end=True)
    stage.stand()


def _long(stage: Stage) -> None:
    """A line of 1,000 bytes comes through. One of more closes its client, whole or not."""
    room = Room(stage)
    one, two, three, four = room.start(4)
    room.say(one, LONGEST[:500], LONGEST[500:])
    room.say(one, HELLO + b"x" + LONGEST)
    room.hear(two)
    room.say(two, HELLO + b"x" * 3000)
    room.say(three, HELLO)
    with reading.may_be_closed():
        room.hear(one, end=True)
        room.hear(two, end=True)
    came, _ = stage.read(four)
    stage.fact("client_4.received", "all" if came == LONGEST + HELLO * 3 else came[-2000:])
    stage.stand()


def _idle(stage: Stage) -> None:
    """One does not read. Nobody waits for it, and it is closed when 64 KiB wait for it.

    First less waits for it, and it may read that. While it does not, another client comes.
    """
    room = Room(stage)
    one, two = room.start(2)
    idle = room.arrive(small=True)
    with reading.may_be_closed():
        _say_much(room, one, [two], MANY_SHORT)
        four = room.arrive()
        room.say(four, HELLO)
        room.hear(one)
        came, saw = stage.read(idle)
        gets = "all" if came == b"".join(MANY_SHORT) + HELLO else "not_all"
        stage.fact("after_a_while", "closed" if saw in ("end", "reset") else gets)
        if stage.facts["after_a_while"] == "all" and stage.read(two)[0] == HELLO:
            _say_much(room, one, [two, four], TOO_MUCH)
            came, saw = stage.read(idle)
            stays = "stays_with_all" if came == b"".join(TOO_MUCH) else "stays_and_misses_some"
            stage.fact("client_3.saw", "closed" if saw in ("end", "reset") else stays)
            room.say(four, HELLO)
            room.hear(two)
    stage.stand()


def _say_much(
    room: Room, speaker: socket.socket, hearers: list[socket.socket], lines: list[bytes]
) -> None:
    """The speaker sends so much, and the hearers read all the time. Fact: what came to the first.

    It stops when they do not get what is theirs: the function waits for somebody else.
    """
    few = STEP // len(lines[0])
    fact = "all"
    for start in range(0, len(lines), few):
        piece = b"".join(lines[start : start + few])
        room.say(speaker, piece)
        for each in hearers[1:]:
            room.stage.read(each)
        if room.stage.read(hearers[0])[0] != piece:
            fact = "not_all"
            break
    room.stage.fact("client_2.much", fact)


def _crowd(stage: Stage) -> None:
    """A hundred come at the same time. The last one speaks, and then the first one."""
    room = Room(stage)
    for _ in range(CROWD):
        room.arrive(at_once=True)
    room.start(0)
    stage.settle()
    room.say(room.clients[-1], HELLO)
    room.say(room.clients[0], AGAIN)
    first, *others, last = (_came(stage, each) for each in room.clients)
    stage.fact("client_1.received", first)
    stage.fact("client_100.received", last)
    heard = set(others) == {HELLO + AGAIN}
    stage.fact("the_others", "both_lines" if heard else "not_both")
    stage.stand()


def _came(stage: Stage, client: socket.socket) -> bytes:
    """What has come to a client. Where nothing has, the function is given time to send it."""
    if not readable(client)():
        return stage.read(client)[0]
    return client.recv(4096)


_SERVES = {"ended": "serves"}

SCENARIOS = (
    Scenario(
        "three talk",
        _talk,
        {
            "client_1.received": UNTAME[0] + UNTAME[1] + b"".join(WORDS),
            "client_2.received": UNTAME[0] + UNTAME[2],
            "client_3.received": UNTAME[1] + UNTAME[2] + b"".join(WORDS),
            "of_many": "all",
            **_SERVES,
        },
    ),
    Scenario(
        "lines in pieces",
        _pieces,
        {
            "client_1.received": b"a whole line\nthis\nhalf of it\nand one\nand another\n",
            "client_2.received": b"half a line\nand the next\nand m\0re\n",
            "client_3.received": b"a whole line\nhalf a line\nand the next\n"
            b"and m\0re\nthis\nhalf of it\nand one\nand another\n",
            **_SERVES,
        },
    ),
    Scenario(
        "some leave",
        _leave,
        {
            "client_3.received": HELLO,
            "client_4.received": HELLO + HELLO,
            "client_5.received": b"",
            "client_4.saw": "closed",
            **_SERVES,
        },
    ),
    Scenario(
        "a long line",
        _long,
        {
            "client_1.received": b"",
            "client_1.saw": "closed",
            "client_2.received": LONGEST + HELLO,
            "client_2.saw": "closed",
            "client_4.received": "all",
            **_SERVES,
        },
    ),
    Scenario(
        "one does not read",
        _idle,
        {
            "client_2.much": "all",
            "client_1.received": HELLO,
            "after_a_while": "all",
            "client_3.saw": "closed",
            "client_2.received": HELLO,
            **_SERVES,
        },
    ),
    Scenario(
        "a crowd",
        _crowd,
        {
            "client_1.received": HELLO,
            "client_100.received": AGAIN,
            "the_others": "both_lines",
            **_SERVES,
        },
    ),
)
