"""Whatever a program does, it is told plainly, and what is wrong is found."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judged import get, solution

from helpers import recording
from helpers.exercises.engine import LIMIT
from helpers.exercises.fair_time import FairTime
from helpers.exercises.folder import load


def spins(sock: socket.socket, n: int) -> bytes:
    while True:
        pass


def exits(sock: socket.socket, n: int) -> bytes:
    sys.exit("learner's own")


def interrupts(sock: socket.socket, n: int) -> bytes:
    raise KeyboardInterrupt


def waits_for_ever(sock: socket.socket, n: int) -> bytes:
    return sock.recv(n) + socket.create_server(("127.0.0.1", 0)).accept()[0].recv(n)


def recurses(sock: socket.socket, n: int) -> bytes:
    return recurses(sock, n)


class Rude(Exception):
    def __str__(self) -> str:
        raise ValueError("no message for you")


def raises_rudely(sock: socket.socket, n: int) -> bytes:
    raise Rude


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        raise ValueError("not shown")


def returns_an_object(sock: socket.socket, n: int) -> Any:
    sock.recv(1)
    return AlwaysEqual()


def prints_markup(sock: socket.socket, n: int) -> bytes:
    print("<img src=x onerror=alert(1)>\x1b[31m\u202e")
    return sock.recv(n)


def starts_threads(sock: socket.socket, n: int) -> bytes:
    here, there = socket.socketpair()
    for _ in range(3):
        threading.Thread(target=here.recv, args=(1,)).start()
    del there
    return sock.recv(n)


def spins_in_a_thread(sock: socket.socket, n: int) -> bytes:
    def burn() -> None:
        while True:
            pass

    threading.Thread(target=burn).start()
    return sock.recv(n)


def closes_all(sock: socket.socket, n: int) -> bytes:
    sock.close()
    return b""


WORST = {
    spins: ("cannot check", "it still ran"),
    exits: ("cannot check", 'finished: sys.exit("learner\'s own")'),
    interrupts: ("cannot check", "KeyboardInterrupt"),
    waits_for_ever: ("cannot check", "it waits in accept()"),
    recurses: ("cannot check", "RecursionError"),
    raises_rudely: ("cannot check", "Rude: its message cannot be shown"),
    returns_an_object: ("incorrect", "a value of type AlwaysEqual"),
    prints_markup: ("incorrect", "printed"),
    starts_threads: ("incorrect", "left open"),
    spins_in_a_thread: ("incorrect", ""),
    closes_all: ("incorrect", ""),
}


@pytest.mark.parametrize("function", WORST, ids=lambda function: function.__name__)
def test_whatever_a_program_does_it_is_told_plainly(function: Callable[..., Any]) -> None:
    outcome, words = WORST[function]
    exercise = get("read_exactly")
    clock = FairTime()
    report = exercise.check(function)
    assert clock.elapsed() < LIMIT + 1.5
    assert (report.outcome, report.still_running) == (outcome, False), str(report)
    assert words in " ".join(str(report).split())
    assert "\x1b" not in str(report)
    assert "<img" not in report._repr_mimebundle_()["text/html"]
    assert threading.active_count() == 1
    right = load(solution("read_exactly"), "read_exactly", "right")
    assert exercise.check(right).outcome == "correct"


ANSWERS = Path(__file__).parent / "answers"

SAYS = {
    "ask/four_pieces": "",
    "ask/the_host_is_not_used": "127.0.0.1",
    "ask/one_line": "",
    "echo_server/a_name_is_wrong": "NameError: name 'dat' is not defined",
    "free_listener/the_one_before_is_closed": "the first one is closed now",
    "open_two/those_before_are_closed": "the first ones are closed now",
    "greet/it_stops_the_listener": "it does not listen any more",
    "greet/a_copy_does_not_wait": "its calls do not wait any more",
    "read_exactly/the_descriptor_does_not_wait": "its calls do not wait any more",
    "read_exactly/a_default_is_kept": "called for the first time",
    "read_lines/one_buffer_for_all_lines": "lines",
    "read_lines/the_socket_is_non_blocking_afterwards": "open, with another timeout",
    "read_text/a_decoder_is_kept": "called for the first time",
    "read_text/a_default_is_kept": "called for the first time",
    "read_text/it_answers": "the peer received",
    "read_text/it_ends_its_own_side": "the peer saw",
    "read_text/one_line": "",
    "read_text/one_recv_with_a_flag": "it raised UnicodeDecodeError",
    "read_text/until_a_piece_ends_with_a_newline": "",
    "ask/a_datagram": "it raised TimeoutError",
    "greet/a_line_is_read_first": "it waits for the client to speak first",
    "read_exactly/a_limit_is_left": "the socket waits in another way than before",
    "read_exactly/it_closes_after_a_reset": "it closes a socket that is not its own",
    "read_exactly/it_takes_zeros_away": "returned:",
    "read_exactly/it_yields": "yield makes a generator of it",
    "read_exactly/with_closes_it": "it closes a socket that is not its own",
    "read_lines/half_a_line_before_the_error": "lines:",
    "read_text/it_prints_the_text": "printed, and not returned",
    "send_all/after_an_error_it_waits_in_another_way": "another way than before",
    "send_all/the_count_of_the_last_send": "its beginning, and then other bytes",
    "read_exactly/it_raises_text": "exceptions must derive from BaseException",
    "read_text/it_raises_another_error": "it raised ValueError",
    "send_file/it_calls_itself": "it calls itself too often",
    "send_file/it_removes_the_file": "removed",
    "send_file/it_sends_more": "more bytes",
    "read_exactly_by/whole_seconds": "before the deadline",
    "connect_patiently/it_makes_a_connection_to_look": "sockets that tried to connect",
    "connect_patiently/it_pauses_only_where_it_was_refused": "tries made before each pause()",
}
"""Wrong programs that a check once called correct, or gave the name of another mistake."""


ONE_HOST_ONLY = sys.platform == "darwin" and "ask/the_host_is_not_used"
"""An answer that macOS cannot tell: 127.0.0.1 is its only address of the network 127."""


@pytest.mark.parametrize("answer", [each for each in SAYS if each != ONE_HOST_ONLY])
def test_a_wrong_program_is_incorrect_and_its_report_says_what_it_did(answer: str) -> None:
    name, _, what = answer.partition("/")
    function = load((ANSWERS / f"{answer}.py").read_text(encoding="utf-8"), name, "wrong")
    with recording():
        report = get(name).check(function)
    assert report.outcome == "incorrect", str(report)
    assert SAYS[answer] in " ".join(str(report).split())
    if what == "a_name_is_wrong":
        assert report.mistake == ""


def test_each_answer_is_judged() -> None:
    assert {f"{path.parent.name}/{path.stem}" for path in ANSWERS.glob("*/*.py")} == {*SAYS}
