"""read_messages: an iterator of messages, each with four bytes of length before it."""

from __future__ import annotations

import socket
import struct

from helpers import peers
from helpers.exercises import reading, returned
from helpers.exercises.iterating import Items
from helpers.exercises.reading import PAUSE, SMALL_READ, UNTAME, Then
from helpers.exercises.scenario import Facts, Scenario
from helpers.exercises.short_reads import MANY, short_reads
from helpers.exercises.stage import Stage
from helpers.exercises.values import Key, socket_state

ITS_MESSAGES = "its_messages"

LIMIT = 1000
"""Bytes that a message may have, where the limit is not what it is about."""

LONG, LONGER = b"long " * 1000, b"long " * 40_000
"""5,000 bytes, more than the usual 1024 or 4096; and 200,000, for who reads much at once."""

DOTS = 0x0D0A
"""Bytes of a message: more reads than Python allows calls inside each other. Its length looks like
a line end."""

FOUR_GB = b"\xff\xff\xff\xff"
"""The greatest length that four bytes can say: one byte less than 4 GiB."""


def framed(*messages: bytes) -> bytes:
    """These messages as they stand in the stream."""
    return b"".join(struct.pack("!I", len(each)) + each for each in messages)


def messages(
    stage: Stage,
    *pieces: bytes | None,
    limit: int = LIMIT,
    then: Then = Then.ENDS,
    watched: bool = False,
) -> None:
    """Messages are read while the peer sends these pieces."""
    peer, sock = stage.pair()
    items = Items(ITS_MESSAGES)
    stage.start(sock, limit, use=items.each)
    counts = []
    for piece in pieces:
        reading.sends(stage, peer, [piece])
        counts.append(len(items.given))
    reading.sends(stage, peer, [], then)
    _look(stage, peer, sock, items)
    if watched:
        stage.fact("messages_after_pieces", counts)


def _look(stage: Stage, peer: socket.socket, sock: socket.socket, items: Items) -> None:
    stage.finish()
    returned.tell_broken(stage)
    stage.fact("messages", items.shown())
    stage.fact("socket", socket_state(sock))
    reading.unasked(stage, peer, sock)


def _glued(stage: Stage) -> None:
    """First messages that can be looked at, then more in one piece than anybody counts."""
    stream = framed(b"one", b"two", b"three")
    messages(stage, stream[:-2], stream[-2:])
    if stage.facts.items() <= _GLUED.items():
        _many(stage, [b"%d" % number for number in range(MANY)])


def _one_byte(stage: Stage) -> None:
    """First messages that can be looked at, then a long one: each byte is a read of its own."""
    messages(stage, *(bytes([byte]) for byte in framed("하나".encode(), b"2")))
    if stage.facts.items() <= _ONE_BYTE.items():
        _many(stage, [b"." * DOTS, b"the end"], short=2 * DOTS)


def _many(stage: Stage, wanted: list[bytes], short: int = 0) -> None:
    """These messages in one piece; so many reads of them give one byte."""
    shown = stage.facts["messages"]
    peer, sock = stage.pair()
    items = Items(ITS_MESSAGES)
    with short_reads(sock, short):
        stage.run.start_again(sock, max(LIMIT, 2 * len(wanted[0])), use=items.each)
        peers.in_pieces(peer, [framed(*wanted)], stage)
        peers.half_close(peer, stage)
        _look(stage, peer, sock, items)
    stage.fact("messages", shown)
    stage.fact("of_many", "as_they_came" if items.plain() == wanted else "messages_missing")


def _long(stage: Stage) -> None:
    """How long the second message is depends on how much is read at once."""
    peer, sock = stage.pair()
    items = Items(ITS_MESSAGES)
    stage.start(sock, len(LONGER), use=items.each)
    reading.sends(stage, peer, [framed(LONG)])
    second = LONGER if reading.largest_read(stage) >= SMALL_READ else LONG
    reading.sends(stage, peer, [framed(second)], Then.ENDS)
    _look(stage, peer, sock, items)
    if items.plain() == [LONG, second]:
        stage.fact("messages", "the_long_messages")
    else:
        stage.fact("messages", "others")


def _ends(stage: Stage, expected: Facts, *cuts: int, then: Then = Then.ENDS) -> None:
    """The stream ends so many bytes behind the first message, in a connection for each cut.

    Looks no further than the facts are as `expected`.
    """
    for cut in cuts:
        peer, sock = stage.pair()
        items = Items(ITS_MESSAGES)
        if cut == cuts[0]:
            stage.start(sock, LIMIT, use=items.each)
        elif not stage.run.start_again(sock, LIMIT, use=items.each, after=stage.run.ended):
            return
        reading.sends(stage, peer, [framed(b"one") + framed(b"three")[:cut]], then)
        _look(stage, peer, sock, items)
        if stage.facts != expected:
            return


def _again(stage: Stage) -> None:
    """The caller stops after the first message, and reads from another connection."""
    first, sock = stage.pair()
    items = Items(ITS_MESSAGES)
    stage.start(sock, LIMIT, use=items.first)
    reading.sends(stage, first, [framed(b"one", b"two")[:-1]], Then.ENDS)
    peer, other = stage.pair()
    if stage.run.start_again(other, LIMIT, use=items.each):
        reading.sends(stage, peer, [framed(b"three"), framed(b"four")], Then.ENDS)
        _look(stage, peer, other, items)


def _given(*wanted: bytes) -> Facts:
    """It gives these messages, and then the stream ends."""
    return {
        "ended": "returned",
        "returned": Key(ITS_MESSAGES),
        "messages": list(wanted),
        "socket": "open",
    }


def _refused(error: str, *wanted: bytes) -> Facts:
    """It gives these messages, and then this error."""
    return {"ended": f"raised {error}", "messages": list(wanted), "socket": "open"}


_GLUED = _given(b"one", b"two", b"three")

_ONE_BYTE = _given("하나".encode(), b"2")

_CUT = _refused("EOFError", b"one")

_BROKEN = _refused("ConnectionError", b"one")

SCENARIOS = (
    Scenario("glued", _glued, {**_GLUED, "of_many": "as_they_came"}),
    Scenario("one byte at a time", _one_byte, {**_ONE_BYTE, "of_many": "as_they_came"}),
    Scenario(
        "waits for each answer",
        lambda stage: messages(
            stage,
            framed(b"one", b"two")[:9],
            framed(b"two", b"three")[2:-1],
            b"e",
            watched=True,
        ),
        {**_given(b"one", b"two", b"three"), "messages_after_pieces": [1, 2, 3]},
    ),
    Scenario(
        "empty messages",
        lambda stage: messages(stage, framed(b"", UNTAME, b"zero\0"), framed(b"ten bytes\n", b"")),
        _given(b"", UNTAME, b"zero\0", b"ten bytes\n", b""),
    ),
    Scenario("long messages", _long, {**_given(), "messages": "the_long_messages"}),
    Scenario("ends in a header", lambda stage: _ends(stage, _CUT, 1, 2, 3), _CUT),
    Scenario(
        "ends in a message",
        lambda stage: _ends(stage, _CUT, *range(4, len(framed(b"three")))),
        _CUT,
    ),
    Scenario(
        "more than the limit",
        lambda stage: messages(
            stage, framed(b"123456"), struct.pack("!I", 7), limit=6, then=Then.STAYS
        ),
        _refused("ValueError", b"123456"),
    ),
    Scenario(
        "4 GB",
        lambda stage: messages(stage, framed(b"one"), FOUR_GB, then=Then.STAYS),
        _refused("ValueError", b"one"),
    ),
    Scenario(
        "a pause",
        lambda stage: messages(
            stage, framed(b"one"), PAUSE, b"\0\0", PAUSE, b"\0\3t", PAUSE, b"wo", PAUSE
        ),
        _given(b"one", b"two"),
    ),
    Scenario(
        "breaks off",
        lambda stage: _ends(stage, _BROKEN, 6, 0, then=Then.BREAKS_OFF),
        _BROKEN,
    ),
    Scenario("two connections", _again, _given(b"three", b"four")),
)
