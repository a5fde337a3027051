"""ask_udp: a question that is asked again, with a number, among datagrams of others."""

from __future__ import annotations

import functools
import random
from typing import Any

from helpers.exercises.datagrams import LARGEST, open_socket, sends, take
from helpers.exercises.hosts import another_host
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.values import Key
from helpers.record.methods import SENDING

QUESTION = b"2+3"

UNTAME = b"\0 2+3\xff \r\n"
"""A question with bytes that are easily lost, or are no text."""

ANSWER = b" 5\0\xff\r\n"

ANSWER_TOO = b"\t5 \xff\r\n.\0"
"""Another one, which ends in another way."""

LATE = b"an old answer"

OF_A_STRANGER = b"of a stranger"

FORGED = b"of a stranger, with your number"

MANY = 40
"""Old answers each second: nobody ignores so many, and no more."""

WAIT = 4.0
"""Seconds of each wait: the clock is held, so none of them is waited."""

TRIES = 3

NUMBER = 2
"""Bytes of it."""

SHOWN = 40
"""Bytes of a question that are shown."""


class Server:
    """Whoever is asked, and a stranger."""

    def __init__(
        self, stage: Stage, tries: int = TRIES, question: bytes = QUESTION, host: str = HERE[0]
    ) -> None:
        self.stage = stage
        self.tries: list[bytes] = []
        """What has come from the function."""
        self.client: Any = None
        """Where the first of it came from."""
        self.sock = open_socket(stage, "server", host=host)
        self.stranger = open_socket(stage, "stranger")
        stage.hold_clock()
        stage.start(self.sock.getsockname(), question, tries, WAIT)

    def hears(self) -> bool:
        """Whether one more try has come."""
        found = take(self.stage, self.sock)
        if found is None:
            return False
        data, address = found
        if not self.tries:
            self.stage.fact("server.received", data[NUMBER:][:SHOWN])
        self.client = self.client or address
        self.tries.append(data)
        return True

    @property
    def number(self) -> bytes:
        """That of the first try."""
        return self.tries[0][:NUMBER]

    def another_number(self) -> bytes:
        """That of an earlier question."""
        return bytes((each - 1) % 256 for each in self.number)

    def answers(self, data: bytes = ANSWER) -> None:
        """It sends this to where the first try came from."""
        sends(self.stage, self.sock, data, self.client)

    def finish(self) -> None:
        """The function must be over. Fact: how often it has asked."""
        while len(self.tries) < 2 * TRIES and self.hears():
            pass
        self.stage.fact("tries", len(self.tries))
        self.stage.finish()
        given = self.stage.facts.get("returned")
        if self.tries and isinstance(given, bytes) and given.startswith(self.number):
            self.stage.fact("returned", b"<number>" + given[NUMBER:])  # it differs between runs


def _answers(stage: Stage) -> None:
    """The first try is answered."""
    server = Server(stage, question=UNTAME, host=another_host())
    if server.hears():
        server.answers(server.number + ANSWER)
    server.finish()


@functools.cache
def _longest() -> bytes:
    return random.Random(16).randbytes(LARGEST - NUMBER)


def _long(stage: Stage) -> None:
    """Question and answer are as long as a datagram can be."""
    server = Server(stage, question=_longest())
    if server.hears():
        whole = server.tries[0][NUMBER:] == _longest()
        stage.fact("server.received", "all_of_it" if whole else "its_beginning")
        server.answers(server.number + _longest())
    server.finish()
    given = stage.facts.get("returned")
    if isinstance(given, bytes) and given:
        whole, cut = given == _longest(), _longest().startswith(given)
        stage.fact("returned", Key("all_of_it" if whole else "its_beginning" if cut else "other"))


def _others(stage: Stage) -> None:
    """Before the answer come others: of a stranger with the number, of the server without it."""
    server = Server(stage)
    if server.hears():
        for number, data in ((server.another_number(), OF_A_STRANGER), (server.number, FORGED)):
            sends(stage, server.stranger, number + data, server.client)
        for data in (server.another_number() + LATE, server.number[:1], b"", LATE):
            server.answers(data)
        server.answers(server.number + ANSWER_TOO)
    server.finish()


def _flood(stage: Stage) -> None:
    """Every second comes something that is no answer. The first try is over after four."""
    server = Server(stage, 2)
    if server.hears():
        for _ in range(int(WAIT)):
            sends(stage, server.stranger, server.number + FORGED, server.client)
            for _ in range(MANY):
                server.sock.sendto(server.another_number() + LATE, server.client)
            if server.hears():
                stage.fact("waited", "less")
                break
            stage.let_time_pass(1.0)
        else:
            stage.fact("waited", "as_asked" if server.hears() else "longer")
        server.answers(server.number + ANSWER_TOO)
    server.finish()


def _silence(stage: Stage) -> None:
    """Nobody answers. The last second of each wait is looked at."""
    server = Server(stage)
    waited = "as_asked"
    while server.hears() and len(server.tries) <= TRIES:
        stage.let_time_pass(WAIT - 1)
        if stage.run.is_over or server.hears():
            waited = "less"
            break
        stage.let_time_pass(1.0)
    if server.tries:
        stage.fact("waited", waited if stage.run.is_over or waited == "less" else "longer")
    server.finish()


def _late(stage: Stage) -> None:
    """The first try is answered, with no byte but the number, when the second one has come."""
    server = Server(stage)
    if server.hears():
        stage.let_time_pass(WAIT)
        if server.hears():
            same = server.tries[1][:NUMBER] == server.number
            stage.fact("number", "as_before_it" if same else "another_one")
            for _ in range(2):
                server.answers(server.number)
    server.finish()


def _nobody(stage: Stage) -> None:
    """The port belongs to a socket that takes datagrams from somebody else only: refused."""
    somebody = open_socket(stage, "somebody else")
    taken = open_socket(stage, "server")
    taken.connect(somebody.getsockname())
    stage.hold_clock()
    stage.start(taken.getsockname(), QUESTION, TRIES, WAIT)
    for _ in range(TRIES):
        stage.settle()
        if not stage.run.is_over:
            stage.let_time_pass(WAIT)  # who is not connected is not told
    stage.finish()
    sent = [each for each in stage.run.calls if each.call in SENDING and not each.stream]
    stage.fact("tries", len(sent))


_ASKED = {"ended": "returned", "server.received": QUESTION, "returned": ANSWER_TOO}

SCENARIOS = (
    Scenario(
        "an answer",
        _answers,
        {**_ASKED, "server.received": UNTAME, "returned": ANSWER, "tries": 1},
    ),
    Scenario("others", _others, {**_ASKED, "tries": 1}),
    Scenario(
        "silence",
        _silence,
        {
            "ended": "raised TimeoutError",
            "server.received": QUESTION,
            "waited": "as_asked",
            "tries": TRIES,
        },
    ),
    Scenario(
        "a late answer", _late, {**_ASKED, "number": "as_before_it", "returned": b"", "tries": 2}
    ),
    Scenario("a flood", _flood, {**_ASKED, "waited": "as_asked", "tries": 2}),
    Scenario("nobody is there", _nobody, {"ended": "raised TimeoutError", "tries": TRIES}),
    Scenario(
        "a long answer",
        _long,
        {**_ASKED, "server.received": "all_of_it", "returned": Key("all_of_it"), "tries": 1},
    ),
)
