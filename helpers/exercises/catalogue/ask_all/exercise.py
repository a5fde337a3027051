"""ask_all: many servers asked together, each within a limit."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpers import peers
from helpers.exercises import fair_time
from helpers.exercises.coroutines import Call
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import HERE, Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import OfType, items_of

QUESTION = b"what time is it?"

LIMIT = 10.0
"""Seconds for each server, by a clock that is held: nobody waits for them."""

STEP = 4.0
"""Seconds of them that pass between two bytes of a server that drips: two are within the limit."""

REPLY = b"\0 \t\xff answer 1 \xff\r\n"
"""It has bytes that are lost where somebody strips or decodes them, and is one line."""

MANY = 100
"""Servers that are asked together."""

LARGE = 6_000_000
"""Bytes of a question for which the buffers between two sockets have no room (Linux: at most 4 MB
to send, net.ipv4.tcp_wmem, and here a few kB to receive)."""

AMPLE = 5.0
"""Seconds for the kernel to fill a queue; it needs none of them."""


@dataclass
class Play:
    """A stage, and the one call of the function on it."""

    stage: Stage

    def __post_init__(self) -> None:
        self.call = Call()

    def ask(self, addresses: Sequence[Any], question: bytes = QUESTION) -> None:
        """Begin. No time goes by but by `let_time_pass`."""
        self.stage.hold_clock()
        self.stage.start([*addresses], question, LIMIT, within=self.call.run)

    def all_come(self, listener: socket.socket, count: int) -> list[socket.socket]:
        """The connections of the function, before any of them was answered. Fact: how many came."""
        conns: list[socket.socket] = []
        while len(conns) < count:
            name = f"server {len(conns) + 1}" if count < MANY else "server"
            conn = self.stage.accept(listener, name)
            if conn is None:
                break
            conns.append(conn)
        came = "all_together" if len(conns) == count else "not_all_together"
        self.stage.fact("they_came", came)
        return conns

    def answer(self, conn: socket.socket, reply: bytes, who: str) -> None:
        """Read the whole question first. Facts: what it was, if it is another, or without end."""
        came, ending = self.stage.read(conn)
        if (came, ending) != (QUESTION, "end"):
            self.stage.fact(f"{who}.received", came[: len(QUESTION) * 2])
            self.stage.fact(f"{who}.saw", ending)
        half = len(reply) // 2
        peers.in_pieces(conn, [each for each in (reply[:half], reply[half:]) if each], self.stage)
        conn.close()

    def finish(self) -> None:
        """Facts: how it ended, what it returned, what it has left."""
        stage = self.stage
        stage.finish()
        if "returned" in stage.facts:
            stage.fact("returned", _shown(stage.run.value))
        if stage.run.is_over and self.call.left_running:
            stage.fact("tasks_left", "some")
        if stage.run.is_over and self.call.left_connected:
            stage.fact("left_connected", "some")


def _shown(value: Any) -> Any:
    """What was returned: bytes stay, and of an error its type."""
    if type(value) not in (list, tuple):
        return value if value is None else OfType(type(value).__name__)
    return [
        each if type(each) in (bytes, int, type(None)) else OfType(type(each).__name__)
        for each in items_of(value)
    ]


def _refusing(stage: Stage) -> Any:
    """The address of a socket that does not listen: the port is taken, so nobody else does."""
    sock = socket.socket()
    sock.bind(HERE)
    return stage.adopt(sock, given=False).getsockname()


def _silent(stage: Stage) -> Any:
    """The address of a listener whose queue is full: Linux then drops the SYN (man 2 listen)."""
    listener = stage.listen(backlog=0)
    stage.connect(stage.address, "a client that waits")
    fair_time.watch(readable(listener), AMPLE)
    return listener.getsockname()


def _last_first(stage: Stage) -> None:
    play = Play(stage)
    listener = stage.listen()
    play.ask([listener.getsockname()] * 3)
    conns = play.all_come(listener, 3)
    for number, conn in reversed([*enumerate(conns, 1)]):
        play.answer(conn, b"line 1\nanswer %d\n" % number, f"server_{number}")
    play.finish()


def _nobody(stage: Stage) -> None:
    play = Play(stage)
    play.ask([])
    play.finish()


def _some_fail(stage: Stage) -> None:
    """One refuses, one breaks off in the middle of its reply, one ends without a word."""
    play = Play(stage)
    listener = stage.listen()
    here = listener.getsockname()
    play.ask([here, _refusing(stage), here, here])
    conns = play.all_come(listener, 3)
    if len(conns) == 3:
        conns[1].sendall(b"half of an ans")
        stage.settle()
        peers.reset(conns[1], stage)
        play.answer(conns[2], b"", "server_3")
        play.answer(conns[0], REPLY, "server_1")
    play.finish()


def _too_late(stage: Stage) -> None:
    """One answers in time, and one drips: at the limit it has not ended. Others are silent."""
    play = Play(stage)
    listener = stage.listen()
    here = listener.getsockname()
    silent = [_silent(stage)] if sys.platform == "linux" else []
    play.ask([here, here, here, *silent])
    conns = play.all_come(listener, 3)
    if len(conns) == 3:
        for piece in (b"1", b"2"):
            stage.let_time_pass(STEP)
            peers.in_pieces(conns[1], [piece], stage)
        play.answer(conns[0], b"in time\0", "server_1")
        stage.let_time_pass(STEP)
        stage.fact("over", "in_time" if stage.run.is_over else "not_in_time")
    play.finish()


def _hundred(stage: Stage) -> None:
    play = Play(stage)
    listener = stage.listen(backlog=2 * MANY)
    play.ask([listener.getsockname()] * MANY)
    conns = play.all_come(listener, MANY)
    for conn in reversed(conns if len(conns) == MANY else []):
        stage.read(conn)
        conn.sendall(b"ok")
        conn.close()
    stage.settle()
    play.finish()
    if stage.facts.get("returned") == [b"ok"] * MANY:
        stage.fact("returned", [b"ok"])


def _never_reads(stage: Stage) -> None:
    """The question is larger than the buffers, and one of two servers does not read it."""
    play = Play(stage)
    listener = stage.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, peers.TINY_BUFFER)
    play.ask([listener.getsockname()] * 2, bytes(LARGE))
    conns = play.all_come(listener, 2)
    if len(conns) == 2:
        came, ending = stage.read(conns[1])
        stage.fact("question", "whole" if (len(came), ending) == (LARGE, "end") else "a_part")
        peers.in_pieces(conns[1], [b"all of it has come"], stage)
        stage.close(conns[1])
        stage.let_time_pass(LIMIT)
    play.finish()


def _cancelled(stage: Stage) -> None:
    play = Play(stage)
    listener = stage.listen()
    play.ask([listener.getsockname()] * 3)
    conns = play.all_come(listener, 3)
    if len(conns) == 3:
        play.answer(conns[0], b"answer 1", "server_1")
        play.call.cancel()
        stage.settle()
        endings = {stage.read(conn)[1] for conn in conns[1:]}
        stage.fact("connections", "left" if endings == {"nothing_more"} else "closed")
    play.finish()


_RETURNED = {"ended": "returned", "they_came": "all_together"}
_TOO_LATE = [b"in time\0", *[OfType("TimeoutError")] * (3 if sys.platform == "linux" else 2)]

SCENARIOS = (
    Scenario(
        "the last one answers first",
        _last_first,
        {**_RETURNED, "returned": [b"line 1\nanswer %d\n" % each for each in (1, 2, 3)]},
    ),
    Scenario(
        "some fail",
        _some_fail,
        {
            **_RETURNED,
            "returned": [
                REPLY,
                OfType("ConnectionRefusedError"),
                OfType("ConnectionResetError"),
                b"",
            ],
        },
    ),
    Scenario("nobody to ask", _nobody, {"ended": "returned", "returned": []}),
    Scenario("too late", _too_late, {**_RETURNED, "over": "in_time", "returned": _TOO_LATE}),
    Scenario("a hundred", _hundred, {**_RETURNED, "returned": [b"ok"]}),
    Scenario(
        "one does not read",
        _never_reads,
        {
            **_RETURNED,
            "question": "whole",
            "returned": [OfType("TimeoutError"), b"all of it has come"],
        },
    ),
    Scenario(
        "cancelled",
        _cancelled,
        {
            "ended": "raised CancelledError",
            "they_came": "all_together",
            "connections": "closed",
        },
    ),
)
