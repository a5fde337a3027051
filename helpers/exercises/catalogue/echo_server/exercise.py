"""echo_server: it survives every peer."""

from __future__ import annotations

import socket

from helpers import peers
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage

FLOOD = bytes(range(32, 127)) * 52_632
"""5 MB of ASCII, without a newline."""

BUFFER = 262_144
"""Bytes of the send buffer of the server's sockets: it is full long before the flood is over."""

_SPEAKERS = tuple(f"client {number}" for number in range(3, 13))
"""So many that a server that stops after five clients, or after ten, does not serve them all."""

HELLO = b"still there?\n"

NO_TEXT = bytes(range(256)) + b"\r\n"
"""Each byte that there is, zero first, and a line end: who waits for a newline gets one."""


def _one_byte(stage: Stage) -> None:
    client = _begin(stage, "client")
    peers.one_byte_at_a_time(client, b"hello\nyou", stage)
    stage.hear(client, "client")
    stage.stand()


def _no_text(stage: Stage) -> None:
    client = _begin(stage, "client")
    peers.glued(client, [NO_TEXT[:64], NO_TEXT[64:]], stage)
    stage.hear(client, "client")
    stage.stand()


def _in_reverse(stage: Stage) -> None:
    names = ("client 1", "client 2", "client 3")
    clients = [_begin(stage, names[0])]
    clients += [_arrive(stage, name) for name in names[1:]]
    messages = [f"{name}\n".encode() for name in names]
    peers.in_reverse(clients, messages, stage)
    for client, name in zip(reversed(clients), reversed(names), strict=True):
        stage.hear(client, name)
    stage.stand()


def _come_and_go(stage: Stage) -> None:
    first = _begin(stage, "client 1")
    peers.half_close(first, stage)
    stage.hear(first, "client 1", end=True)
    peers.close_without_data(_arrive(stage, "client 2"), stage)
    for name in _SPEAKERS:
        client = _arrive(stage, name)
        client.sendall(HELLO)
        peers.half_close(client, stage)
        stage.hear(client, name, end=True)
    stage.stand()


def _reset(stage: Stage) -> None:
    first = _begin(stage, "client 1")
    peers.in_pieces(first, [b"in the mid"], stage)
    peers.reset(first, stage)
    second = _arrive(stage, "client 2")
    second.sendall(HELLO)
    stage.hear(second, "client 2")
    stage.stand()


def _flood(stage: Stage) -> None:
    stage.start(stage.listen(send_buffer=BUFFER))
    client = _arrive(stage, "client")
    came = peers.flood(client, FLOOD, stage)
    peers.half_close(client, stage)
    came += stage.read(client)[0]
    stage.note("client received", "the same 5 MB" if came == FLOOD else "not the same 5 MB")
    stage.stand()


def _begin(stage: Stage, name: str) -> socket.socket:
    """Start the server, and its first client."""
    stage.start(stage.listen())
    return _arrive(stage, name)


def _arrive(stage: Stage, name: str) -> socket.socket:
    client = stage.connect(stage.address, name)
    stage.settle()
    return client


_SERVES = {"ended": "serves"}

SCENARIOS = (
    Scenario("one byte at a time", _one_byte, {"client received": b"hello\nyou", **_SERVES}),
    Scenario(
        "the last one speaks first",
        _in_reverse,
        {
            "client 3 received": b"client 3\n",
            "client 2 received": b"client 2\n",
            "client 1 received": b"client 1\n",
            **_SERVES,
        },
    ),
    Scenario(
        "clients come and go",
        _come_and_go,
        {
            "client 1 received": b"",
            "client 1 saw": "the end",
            **{f"{name} received": HELLO for name in _SPEAKERS},
            **{f"{name} saw": "the end" for name in _SPEAKERS},
            **_SERVES,
        },
    ),
    Scenario("a reset in the middle", _reset, {"client 2 received": HELLO, **_SERVES}),
    Scenario("no text", _no_text, {"client received": NO_TEXT, **_SERVES}),
    Scenario("a flood", _flood, {"client received": "the same 5 MB", **_SERVES}),
)
