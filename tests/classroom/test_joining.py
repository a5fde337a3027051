"""A learner's side: join, send, a board that is away, leave. The board is a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from boards import RunningBoard

import helpers
from helpers import LiveServer, classroom, exercises
from helpers.classroom import membership, sender
from helpers.classroom.outbox import Outbox
from helpers.classroom.post import Away, Refused, post
from helpers.course import activity
from helpers.course.activity import Vote
from helpers.course.questions import lessons, of_lesson

QUESTION = of_lesson(lessons()[0]).predictions[0].name


@pytest.fixture
def board(tmp_path: Path) -> Iterator[RunningBoard]:
    made = RunningBoard(tmp_path / "board")
    yield made
    made.kill()


def sent() -> None:
    """Wait until this learner's outbox is empty."""
    assert membership._member is not None
    assert membership._member.sender.is_done(30)


def test_what_is_done_reaches_the_board(
    board: RunningBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom.join(board.address, code=board.code.lower(), name="Kim")
    said = capsys.readouterr().out
    assert said.startswith("The class board gets three things from now on")
    assert said.endswith("You are in the class.\n")
    activity.tell(Vote(QUESTION, 1))
    exercises.read_exactly.check(lambda sock, n: sock.recv(n))
    sent()
    assert board.rows("SELECT name FROM learners") == [("Kim",)]
    assert board.rows("SELECT kind, name, choice, outcome, mistake FROM events ORDER BY sent") == [
        ("vote", QUESTION, 1, None, None),
        ("checked", "read_exactly", None, "incorrect", "one recv() is taken for all n bytes"),
    ]


def test_nothing_is_sent_without_join(board: RunningBoard) -> None:
    activity.tell(Vote(QUESTION, 1))
    assert activity.observers == []
    assert board.rows("SELECT * FROM events") == []


def test_a_board_that_is_killed_loses_nothing_and_counts_nothing_twice(
    board: RunningBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(sender, "LONGEST_PAUSE", 0.01)
    classroom.join(board.address, code=board.code)
    for number in range(30):
        activity.tell(Vote(QUESTION, number % 3))
        if number % 10 == 5:
            board.kill()
        if number % 10 == 9:
            board.start()
    sent()
    assert board.rows("SELECT choice FROM events ORDER BY sent") == [(n % 3,) for n in range(30)]


def test_a_new_kernel_goes_on_in_the_class(board: RunningBoard) -> None:
    classroom.join(board.address, code=board.code)
    membership.leave_quietly()
    assert classroom.resume().startswith(f"You are in the class at {board.address}.")
    assert classroom.resume() == ""
    activity.tell(Vote(QUESTION, 0))
    sent()
    assert board.rows("SELECT count(*) FROM events") == [(1,)]


def test_a_board_with_new_data_is_told_again_who_this_is(board: RunningBoard) -> None:
    classroom.join(board.address, code=board.code)
    with closing(sqlite3.connect(board.folder / "board.sqlite")) as database, database:
        database.execute("DELETE FROM learners")
    activity.tell(Vote(QUESTION, 0))
    sent()
    assert board.rows("SELECT count(*) FROM events") == [(1,)]


def test_a_wrong_code_is_told_and_nothing_is_kept(
    board: RunningBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom.join(board.address, code="NOTIT1")
    assert "The board says no: The class code is wrong. Nothing is sent." in capsys.readouterr().out
    assert activity.observers == []
    assert classroom.resume() == ""


def test_leaving_deletes_here_and_there(
    board: RunningBoard, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom.join(board.address, code=board.code)
    activity.tell(Vote(QUESTION, 0))
    sent()
    classroom.leave()
    assert "The board has deleted" in capsys.readouterr().out
    assert board.rows("SELECT * FROM learners") == board.rows("SELECT * FROM events") == []
    assert activity.observers == []
    assert classroom.resume() == ""
    classroom.leave()
    assert capsys.readouterr().out == "You are in no class.\n"


@pytest.mark.parametrize("address", ["", "192.168.1.2", "ftp://x", "http://", 3, None])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="needs the address"):
        classroom.join(address, code="X")


# A board that is away, silent, or answers nonsense


def answers(listener: socket.socket, what: bytes) -> None:
    """Give each client the same bytes, whatever it asks."""
    while True:
        try:
            conn, _ = listener.accept()
        except OSError:
            return
        with conn:
            asked = conn.makefile("rb")
            lines = [*iter(asked.readline, b"\r\n")]
            sizes = [
                int(line.split()[1]) for line in lines if line.lower().startswith(b"content-length")
            ]
            asked.read(sum(sizes))  # all of it: what is left unread would become a reset
            asked.close()
            conn.sendall(what)


@pytest.fixture
def nonsense(request: pytest.FixtureRequest) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answers, args=(listener, request.param))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


NONSENSE = [
    b"",
    b"nonsense\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n<html>",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000,
    b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe",
]


@pytest.mark.parametrize("nonsense", NONSENSE, indirect=True)
def test_what_answers_nonsense_is_away(nonsense: str) -> None:
    with pytest.raises(Away):
        post(nonsense, "/api/join", {})


@pytest.mark.parametrize("nonsense", [b"HTTP/1.1 500 X\r\n\r\n{}"], indirect=True)
def test_a_board_that_fails_refuses(nonsense: str) -> None:
    with pytest.raises(Refused):
        post(nonsense, "/api/join", {})


def test_a_board_that_is_away_costs_the_learner_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and does not listen: refused
        classroom.join(f"http://127.0.0.1:{bound.getsockname()[1]}", code="ABCDEF")
        assert "No board answers" in capsys.readouterr().out
        activity.tell(Vote(QUESTION, 1))
        assert exercises.read_exactly.check(lambda sock, n: sock.recv(n)).outcome == "incorrect"
        assert membership._member is not None
        assert len(membership._member.outbox.oldest(10)) == 2
    assert capsys.readouterr().out == ""


def test_a_disk_that_fails_costs_the_learner_nothing(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "x.sqlite")
    outbox.path.write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.Error):
        outbox.add({})
    member = membership._Member.__new__(membership._Member)
    member.outbox = outbox
    activity.observers.append(member.observe)
    try:
        activity.tell(Vote(QUESTION, 1))
    finally:
        activity.observers.clear()


# Its own traffic


def test_no_ladder_and_no_deadlock_knows_of_it(board: RunningBoard) -> None:
    def echo(listener: socket.socket) -> None:
        with listener.accept()[0] as conn:
            conn.sendall(conn.recv(10))

    with helpers.recording() as log:
        classroom.join(board.address, code=board.code)
        with socket.create_server(("127.0.0.1", 0)) as listener, LiveServer(echo, listener) as live:
            with socket.create_connection(live.address) as client:
                activity.tell(Vote(QUESTION, 1))
                client.sendall(b"hi")
                assert client.recv(10) == b"hi"
            sent()
            with (
                socket.create_connection(live.address) as client,
                pytest.raises(helpers.Deadlock) as told,
            ):
                client.recv(10)
    assert "class board" not in str(told.value)
    assert {event.actor.name for event in log.events} == {"cell", "echo"}
    ports = {str(event.arguments) for event in log.events if event.call == "connect"}
    assert not any(str(board.port) in each for each in ports)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked on POSIX")
def test_ctrl_c_in_a_cell_does_not_reach_the_sender(board: RunningBoard) -> None:
    classroom.join(board.address, code=board.code)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    activity.tell(Vote(QUESTION, 1))
    sent()
    assert board.rows("SELECT count(*) FROM events") == [(1,)]
