"""echo_server: it survives every peer."""

from __future__ import annotations

import socket

from helpers import peers
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.record import record

FLOOD = bytes(range(32, 127)) * 52_632
"""5 MB of ASCII, without a newline."""

BUFFER = 262_144
"""Bytes of the send buffer of the server's sockets: it is full long before the flood is over."""

_SPEAKERS = tuple(range(3, 13))
"""So many that a server that stops after five clients, or after ten, does not serve them all."""

HELLO = b"still there?\n"

NO_TEXT = bytes(range(256)) + b"\r\n"
"""Each byte that there is, zero first, and a line end: who waits for a newline gets one."""


def _one_byte(stage: Stage) -> None:
    client = _begin(stage)
    peers.one_byte_at_a_time(client, b"hello\nyou", stage)
    stage.hear(client, "client")
    stage.stand()


def _no_text(stage: Stage) -> None:
    client = _begin(stage)
    peers.glued(client, [NO_TEXT[:64], NO_TEXT[64:]], stage)
    stage.hear(client, "client")
    stage.stand()


def _in_reverse(stage: Stage) -> None:
    clients = [_begin(stage, 1), _arrive(stage, 2), _arrive(stage, 3)]
    peers.in_reverse(clients, [b"client 1\n", b"client 2\n", b"client 3\n"], stage)
    for number in (3, 2, 1):
        stage.hear(clients[number - 1], f"client_{number}")
    stage.stand()


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
    stage.stand()


def _reset(stage: Stage) -> None:
    first = _begin(stage, 1)
    peers.in_pieces(first, [b"in the mid"], stage)
    peers.reset(first, stage)
    second = _arrive(stage, 2)
    second.sendall(HELLO)
    stage.hear(second, "client_2")
    stage.stand()


def _flood(stage: Stage) -> None:
    stage.serves = True
    stage.start(stage.listen(send_buffer=BUFFER))
    client = _arrive(stage)
    with record.probing():
        came = peers.flood(client, FLOOD, stage)
    peers.half_close(client, stage)
    came += stage.read(client)[0]
    stage.fact("client.received", "same_flood" if came == FLOOD else "other_flood")
    stage.stand()


def _begin(stage: Stage, number: int | None = None) -> socket.socket:
    """Start the server, and its first client."""
    stage.serves = True
    stage.start(stage.listen())
    return _arrive(stage, number)


def _arrive(stage: Stage, number: int | None = None) -> socket.socket:
    """One more client, with its number if there are several."""
    client = stage.connect(stage.address, "client" if number is None else f"client {number}")
    stage.settle()
    return client


_SERVES = {"ended": "serves"}

SCENARIOS = (
    Scenario("one byte at a time", _one_byte, {"client.received": b"hello\nyou", **_SERVES}),
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
            **_SERVES,
        },
    ),
    Scenario("a reset in the middle", _reset, {"client_2.received": HELLO, **_SERVES}),
    Scenario("no text", _no_text, {"client.received": NO_TEXT, **_SERVES}),
    Scenario("a flood", _flood, {"client.received": "same_flood", **_SERVES}),
)
