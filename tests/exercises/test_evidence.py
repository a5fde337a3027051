"""A mistake is named where the calls that it claims were recorded, and the report quotes them."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from judged import NAMES, folder, get, mistakes

from helpers import recording
from helpers.exercises.call_log import FIRST_KEPT, LOOP_KEPT, CallLog
from helpers.exercises.engine import Exercise
from helpers.exercises.evidence import FAMILIES, claimable, quoted
from helpers.exercises.folder import load
from helpers.exercises.quotes import last_calls, sent
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.record.log import CALLS_KEPT
from helpers.record.methods import AGREEING, CONNECTING, RECEIVING, SENDING, SETTING_UP
from helpers.record.record import record

CALLS = SETTING_UP | SENDING | CONNECTING | AGREEING
CALLS |= {*FAMILIES, "accept", "close", "shutdown", "wrap_socket"}


def test_each_claim_speaks_of_a_call() -> None:
    for name in NAMES:
        for key, mistake in folder(name).words.mistakes.items():
            for claim in mistake.claims:
                wanted = claim.removeprefix("no ").removeprefix("one ")
                call, _, more = wanted.partition(" ")
                call = call.partition("(")[0]
                assert call in CALLS, f"{name}, {key}: {claim}"
                assert more in ("", "end", "failed", "waiting", "elsewhere"), f"{name}: {claim}"


def test_most_mistakes_claim_calls() -> None:
    """Those that claim none are seen in what was returned, or in the bytes that came."""
    claims = [bool(m.claims) for name in NAMES for m in folder(name).words.mistakes.values()]
    assert sum(claims) * 2 > len(claims)


CLOSED = """
import threading

def handle(conn):
    while data := conn.recv(4096):
        conn.sendall(data)

def echo_server(listener):
    while True:
        conn, address = listener.accept()
        with conn:
            threading.Thread(target=handle, args=(conn,)).start()
"""


def test_a_report_quotes_who_closed_a_socket_under_another_ones_call() -> None:
    report = get("echo_server").check(load(CLOSED, "echo_server", "wrong"))
    assert report.mistake == "conn is closed under its running thread"
    calls = r"recv\(\).* at line 5|sendall\(\).* at line 6"
    assert re.search(f"line 11 closed conn.*({calls})", str(report)), str(report)


def test_a_report_says_which_client_sent_what() -> None:
    wrong = next(row for row in mistakes("echo_server") if row[1] == "one client at a time")
    text = str(get("echo_server").check(load(wrong[3], "echo_server", "wrong")))
    assert "client 3 sent: b'clie', b'nt 3\\n'" in text
    assert "client 1 sent: b'clie', b'nt 1\\n'" in text


def answers_the_end(sock: socket.socket, n: int) -> bytes:
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            return b"?"
        data += part
    return data


def test_where_no_known_mistake_fits_the_last_calls_are_shown() -> None:
    report = get("read_exactly").check(answers_the_end)
    line = answers_the_end.__code__.co_firstlineno + 3
    assert report.mistake == ""
    assert f"line {line}: sock.recv(5) → b'123'" in str(report)
    assert f"line {line}: sock.recv(2) → b''" in str(report)


def seen(work: Callable[[socket.socket], object]) -> Stage:
    """The calls of a function whose peer sends 3 bytes, and ends."""

    def play(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        peer.sendall(b"123")
        peer.shutdown(socket.SHUT_WR)
        stage.finish()

    with recording(), record.isolated(CallLog(record.lock)):
        return Exercise.play(Scenario("", play, {}), work, time.monotonic() + 10)


def reads_in_vain(sock: socket.socket) -> None:
    sock.sendall(b"first")
    while True:
        sock.recv(10)


def test_what_came_before_a_busy_loop_is_kept() -> None:
    stage = seen(reads_in_vain)
    assert stage.facts["ended"] == "reads_the_end"
    assert [event.call for event in stage.calls][:2] == ["sendall", "recv"]
    assert len(stage.calls) < 2 * LOOP_KEPT


def sends_and_receives_much(sock: socket.socket) -> None:
    here, there = socket.socketpair()
    with here, there:
        for _ in range(CALLS_KEPT):
            here.send(b"x")
            there.recv(1)


def test_the_first_calls_of_a_scenario_are_kept_however_many_there_are() -> None:
    stage = seen(sends_and_receives_much)
    assert [event.call for event in stage.calls][:3] == ["socketpair", "send", "recv"]
    assert FIRST_KEPT < len(stage.calls) <= FIRST_KEPT + CALLS_KEPT
    numbers = [event.number for event in stage.calls]
    assert len({*numbers}) == len(numbers)


def test_the_close_behind_a_busy_loop_is_kept() -> None:
    def reads_on(sock: socket.socket) -> None:
        for _ in range(3 * LOOP_KEPT):
            sock.recv(10)
        sock.close()

    assert [event.call for event in seen(reads_on).calls][-1] == "close"


def closes_in_another_thread(sock: socket.socket) -> None:
    closer = threading.Thread(target=sock.close)
    with suppress(OSError):
        sock.recv(3)
        closer.start()
        closer.join()
        sock.recv(3)


@pytest.mark.parametrize(
    ("work", "holds", "fails"),
    [
        (lambda sock: sock.recv(3), ["one recv", "recv"], ["recv end", "no recv", "recv failed"]),
        (reads_in_vain, ["recv end", "one sendall"], ["one recv", "recv waiting"]),
        (lambda sock: sock.shutdown(socket.SHUT_WR), ["shutdown(SHUT_WR)"], ["shutdown(SHUT_RD)"]),
        (lambda sock: sock.recv_into(bytearray(3)), ["recv"], ["recv_into", "send"]),
        (closes_in_another_thread, ["close elsewhere"], ["no close elsewhere"]),
    ],
)
def test_a_claim_holds_where_the_calls_were_made(
    work: Callable[[socket.socket], object], holds: list[str], fails: list[str]
) -> None:
    calls = seen(work).calls
    found = claimable(calls)
    assert quoted(holds, found) is not None, found
    for claim in fails:
        assert quoted([claim], found) is None, claim


def test_a_quoted_call_has_its_line_and_what_came_of_it() -> None:
    def waits(sock: socket.socket) -> bytes:
        return sock.recv(3) + socket.socket().recv(1)

    stage = seen(waits)
    line = waits.__code__.co_firstlineno + 1
    shown = last_calls(stage.calls, stage.lines)
    assert f"line {line}: sock.recv(3) → b'123'" in shown
    assert any(each.startswith(f"line {line}: recv(1): OSError") for each in shown)


def test_every_call_that_reads_or_sends_can_be_claimed() -> None:
    assert {*FAMILIES["recv"], *FAMILIES["send"]} < RECEIVING | SENDING


def test_a_piece_that_a_peer_sends_again_and_again_stands_once() -> None:
    def scene(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        for piece in (b"a", b"b", b"b", *[b"c"] * 50, b"d"):
            peer.sendall(piece)
        stage.finish()

    with recording():
        stage = get("read_exactly").play(
            Scenario("", scene, {}), int.from_bytes, time.monotonic() + 5
        )
    assert [*sent(stage.events)] == ["the peer sent: b'a', b'b', b'b', b'c' (50 times), b'd'"]
