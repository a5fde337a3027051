"""Peers of datagrams: what comes of each, and a function that sends, or asks, without end."""

from __future__ import annotations

import time

import pytest
from judged import get, program

from helpers.exercises.datagrams import open_socket, sends, take
from helpers.exercises.fair_time import FairTime
from helpers.exercises.report import Report
from helpers.exercises.stage import Stage
from helpers.record.waiting import QUIET_TIME

SOON = 5.0
"""Seconds that a run may take at most."""

LOOKS = 20
"""Each of them would take the time in which the system delivers late, if it were waited for."""


def checked(name: str, code: str) -> Report:
    with program(code, name) as function:
        return get(name).check(function)


def test_a_peer_gets_what_was_sent_to_it_and_then_nothing() -> None:
    code = """
def twice(sock):
    data, address = sock.recvfrom(100)
    sock.sendto(data, address)
    sock.sendto(b"", address)
    sock.recvfrom(100)
"""
    with program(code, "twice") as function, Stage(function, time.monotonic() + SOON) as stage:
        sock, peer = open_socket(stage, "sock", given=True), open_socket(stage, "peer")
        stage.start(sock)
        assert take(stage, peer) is None
        sends(stage, peer, b"x", sock.getsockname())
        assert [take(stage, peer) for _ in range(3)] == [
            (b"x", sock.getsockname()),
            (b"", sock.getsockname()),
            None,
        ]


def test_what_nobody_reads_is_not_waited_for_again() -> None:
    """The function waits in select() for another socket: it has left the datagram where it is."""
    code = """
import select

def looks_elsewhere(sock, other):
    select.select([other], [], [])
"""
    with (
        program(code, "looks_elsewhere") as function,
        Stage(function, time.monotonic() + SOON) as stage,
    ):
        sock, other = (open_socket(stage, name, given=True) for name in ("sock", "other"))
        peer = open_socket(stage, "peer")
        stage.start(sock, other)
        sends(stage, peer, b"x", sock.getsockname())
        clock = FairTime()
        for _ in range(LOOKS):
            assert stage.settle().rested
        assert clock.elapsed() < LOOKS * QUIET_TIME / 2


ENDLESS = {
    "sends_for_ever": """
def udp_echo(sock):
    data, address = sock.recvfrom(65535)
    while True:
        sock.sendto(data, address)
""",
    "polls": """
def udp_echo(sock):
    sock.setblocking(False)
    while True:
        try:
            sock.sendto(*sock.recvfrom(65535))
        except OSError:
            pass
""",
}


@pytest.mark.parametrize("how", ENDLESS)
def test_a_server_that_never_rests_is_told_so(how: str) -> None:
    report = checked("udp_echo", ENDLESS[how])
    assert (report.outcome, report.facts["ended"]) == ("incorrect", how)
    assert not report.still_running


def test_an_answer_that_cannot_be_sent_fails_for_the_function_alone() -> None:
    code = """
def udp_echo(sock):
    while True:
        sock.sendto(*sock.recvfrom(65535))
"""
    report = checked("udp_echo", code)
    assert report.mistake == "a failed answer ends the service"
    failed = [each for each in report.events if each.outcome == "failed"]
    assert {each.actor.kind for each in failed} == {"server"}
