"""Much data from the function, compared as it comes: none of it is kept.

Rules of this file:

- How many bytes come before something goes wrong is not the same in every run. So what came is
  told by a key.
- Nothing here waits for long: a function that has done all it can sends nothing more.
"""

from __future__ import annotations

import select
import socket
import time

from helpers.exercises.stage import Stage
from helpers.record.record import record
from helpers.record.socket_info import info_of

ALL = "all"

PART = 32
"""Bytes that stand in the data only once: by these a part of it is known."""

PATIENCE = 0.05
"""Seconds in which the system has moved what it can from one buffer to the other. Chosen: on one
machine that takes microseconds."""

LONG_PATIENCE = 2.0
"""The same when bytes are known to be on their way. They come, but after a full buffer TCP may
ask for room only now and then (the persist timer, RFC 9293, 3.8.6.1)."""


def _nothing_comes(stage: Stage, peer: socket.socket) -> bool:
    """Whether nothing is on its way to the peer. It waits, if something may be."""
    limit = time.monotonic() + LONG_PATIENCE
    while True:
        info = info_of(peer)
        end = info.endpoint if info is not None else None
        nothing = end is not None and end.expects_nothing and stage.run.is_over
        if select.select([peer], [], [], 0 if nothing else PATIENCE)[0]:
            return False
        # What a send has announced counts as in flight, too, until it is known how much it took.
        if end is None or not end.incoming.in_flight or time.monotonic() >= limit:
            return True


def receive(stage: Stage, peer: socket.socket, buffer: bytearray | memoryview) -> int | None:
    """Read once, without keeping it. 0: the end. None: the function has done all it can."""
    stage.check_time()
    with record.probing():
        return _receive(stage, peer, buffer)


def _receive(stage: Stage, peer: socket.socket, buffer: bytearray | memoryview) -> int | None:
    peer.settimeout(0)
    while True:
        try:
            return peer.recv_into(buffer)
        except BlockingIOError:
            if not _nothing_comes(stage, peer):
                continue
        stage.settle()
        if stage.rested and not stage.comes_after_all(peer):
            return None


def compare(stage: Stage, peer: socket.socket, data: bytes) -> str:
    """Read as much as `data` has, and say what it was."""
    buffer = bytearray(65536)
    count = 0
    while count < len(data):
        size = receive(stage, peer, memoryview(buffer)[: len(data) - count])
        if not size:
            return "beginning" if count else "nothing"
        came = bytes(buffer[:size])
        if came != data[count : count + size]:
            came += bytes(buffer[: receive(stage, peer, buffer) or 0])
            drain(stage, peer, 2 * len(data))  # no more: it may send for ever
            return _what_came(data, count, came)
        count += size
    return ALL


def behind(stage: Stage, peer: socket.socket, data: bytes = b"") -> str:
    """What comes behind the data, when the function has done all it can.

    A part of the `data` that comes once more is told apart from other bytes.
    """
    buffer = bytearray(PART)
    try:
        size = receive(stage, peer, buffer)
    except ConnectionError:
        return "reset"
    if size == PART and data.find(buffer) >= 0:
        return "a_part_again"
    return {None: "nothing_more", 0: "end"}.get(size, "more_bytes")


def drain(stage: Stage, peer: socket.socket, most: int) -> None:
    """Read, and keep nothing: as much as comes, but not more than `most` bytes."""
    buffer = bytearray(65536)
    while most > 0 and (size := receive(stage, peer, buffer)):
        most -= size


def _what_came(data: bytes, count: int, came: bytes) -> str:
    """Bytes that are not those at `count`: which ones, then?"""
    there = data[count : count + len(came)]
    pairs = enumerate(zip(came, there, strict=False))
    same = next((index for index, (one, other) in pairs if one != other), len(there))
    wrong = came[same : same + 64]
    if count + same == 0:
        if data[:64] in came:
            return "other_then_beginning"
        return "beginning_missing" if data.find(wrong) > 0 else "other_bytes"
    if data.find(wrong, 0, 128) >= 0:
        return "beginning_twice"
    if data.find(wrong, count + same) >= 0:
        return "part_missing"
    return "beginning_then_other"
