"""udp_echo: one socket for all clients, whatever they send, until somebody stops it."""

from __future__ import annotations

import functools
import itertools
import random
import socket
from collections.abc import Callable

from helpers.exercises.datagrams import LARGEST, open_socket, sends, take
from helpers.exercises.hosts import another_host
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.record.record import record

HELLO = b"still there?\n"

UNTAME = (b" one\0\r\n", b"\xff two\t", b"three\n")
"""Of one client after another: no text, and bytes that are easily lost at both ends."""

WORDS = (b"quit\n", b"exit", b"q", b"bye\n", b"stop", b"\0", b"\n", b".")
"""To an echo server none of them means anything."""

CLIENTS = 120
"""Nobody writes a server for so many and no more."""


class Clients:
    """The function, which serves `sock`, and those that send to it."""

    def __init__(self, stage: Stage, count: int) -> None:
        self.stage = stage
        self.sock = open_socket(stage, "sock", given=True)
        self.address = self.sock.getsockname()
        names = [f"client {number}" for number in range(1, count + 1)]
        hosts = itertools.cycle([HERE[0], another_host()])
        self.clients = [
            open_socket(stage, name if count > 1 else "client", host=host)
            for name, host in zip(names, hosts, strict=False)
        ]
        stage.serves = True
        stage.start(self.sock)

    def send(self, client: socket.socket, data: bytes) -> None:
        """The client sends, and the function does what it can."""
        sends(self.stage, client, data, self.address)

    def hear(self, client: socket.socket, who: str) -> None:
        """Fact: all the datagrams that the client has got, and a word for where from."""
        came: list[bytes] = []
        while len(came) < len(UNTAME) and (found := take(self.stage, client)) is not None:
            data, source = found
            came.append(data)
            if source != self.address:
                self.stage.fact("source", "another_socket")
        self.stage.fact(f"{who}.datagrams", came)


def _several(stage: Stage) -> None:
    """Three clients send one after another, and the first one once more."""
    scene = Clients(stage, len(UNTAME))
    for client, data in zip(scene.clients, UNTAME, strict=True):
        scene.send(client, data)
    scene.send(scene.clients[0], HELLO)
    for number, client in enumerate(scene.clients, 1):
        scene.hear(client, f"client_{number}")
    stage.stand()


def _one(stage: Stage, data: bytes) -> None:
    """A client sends this, and then something more."""
    scene = Clients(stage, 1)
    for each in (data, HELLO):
        scene.send(scene.clients[0], each)
    scene.hear(scene.clients[0], "client")
    stage.stand()


@functools.cache
def _longest() -> bytes:
    return random.Random(16).randbytes(LARGEST)


def _long(stage: Stage) -> None:
    """A client sends the longest datagram that there is."""
    _one(stage, _longest())
    came = stage.facts.get("client.datagrams", [])
    keys = {_longest(): "the_longest", HELLO: "the_next_one"}
    told = [keys.get(each, "a_part" if each in _longest() else "other_bytes") for each in came]
    stage.fact("client.datagrams", (*told,))


def _pause(stage: Stage) -> None:
    """Nobody sends for longer than anybody waits."""
    scene = Clients(stage, 1)
    scene.send(scene.clients[0], UNTAME[0])
    stage.let_time_pass()
    scene.send(scene.clients[0], HELLO)
    scene.hear(scene.clients[0], "client")
    stage.stand()


def _no_way(stage: Stage) -> None:
    """To one of two clients there is no way back any more: sendto() fails."""
    scene = Clients(stage, 2)
    gone, other = scene.clients
    record.no_way_to = gone.getsockname()
    scene.send(gone, UNTAME[0])
    scene.send(other, HELLO)
    scene.hear(other, "client_2")
    stage.stand()


def _many(stage: Stage) -> None:
    """Many clients, and each says one word."""
    scene = Clients(stage, 1)
    wrong = 0
    for number in range(CLIENTS):
        client = open_socket(stage, "client")
        data = WORDS[number % len(WORDS)]
        scene.send(client, data)
        found = take(stage, client)
        if found is None or found[0] != data:
            wrong += 1
            break
        client.close()
    stage.fact("words", "other_words" if wrong else "same_words")
    stage.stand()


_SERVES = {"ended": "serves"}


def _scenario(name: str, play: Callable[[Stage], None], *came: bytes) -> Scenario:
    return Scenario(name, play, {"client.datagrams": [*came], **_SERVES})


SCENARIOS = (
    Scenario(
        "several clients",
        _several,
        {
            "client_1.datagrams": [UNTAME[0], HELLO],
            "client_2.datagrams": [UNTAME[1]],
            "client_3.datagrams": [UNTAME[2]],
            **_SERVES,
        },
    ),
    _scenario("an empty one", lambda stage: _one(stage, b""), b"", HELLO),
    Scenario("a long one", _long, {"client.datagrams": ("the_longest", "the_next_one"), **_SERVES}),
    _scenario("a pause", _pause, UNTAME[0], HELLO),
    Scenario("no way back", _no_way, {"client_2.datagrams": [HELLO], **_SERVES}),
    Scenario("many clients", _many, {"words": "same_words", **_SERVES}),
)
