"""The message programs: they talk, keep their limits, end plainly, and no client disturbs another.

What they share with the echo programs, the command line and how a port is taken, is tested there.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import (
    LIMIT,
    PROGRAMS,
    PYTHON,
    Address,
    MessageServer,
    Process,
    assert_fails_plainly,
    message_client_module,
    message_server_module,
    reset,
    run_client,
    to,
)

SHORT = "0.2"
"""Seconds of a limit that is meant to pass: who keeps to it needs a thousandth of it."""


def framed(*messages: bytes) -> bytes:
    return b"".join(struct.pack("!I", len(each)) + each for each in messages)


def connect(server: MessageServer) -> socket.socket:
    return socket.create_connection(server.address, timeout=LIMIT)


def ask(sock: socket.socket, *messages: bytes) -> bool:
    """Send these messages at one time. Whether the answers are the same."""
    sock.sendall(framed(*messages))
    return all(receive(sock, 4 + len(each)) == framed(each) for each in messages)


def receive(sock: socket.socket, size: int) -> bytes:
    came = b""
    while len(came) < size and (data := sock.recv(size - len(came))):
        came += data
    return came


def name(sock: socket.socket) -> str:
    """What the server calls this client."""
    host, port = sock.getsockname()
    return f"{host}:{port}"


def says(server: MessageServer, what: str) -> None:
    """The server says that, at the beginning of a line; what it says of others is passed over."""
    while not server.line().startswith(what):
        pass


def flood(sock: socket.socket) -> None:
    """Send messages and read nothing, until there is no room left or the server closes."""
    sock.setblocking(False)
    try:
        while True:
            sock.send(framed(bytes(60_000)))
    except (BlockingIOError, ConnectionError):
        sock.settimeout(LIMIT)


def ends(sock: socket.socket) -> bool:
    """Whether the server closes the connection; with what was unread, by a reset."""
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


@pytest.fixture(scope="module")
def server() -> Iterator[MessageServer]:
    """One server for many tests. It must still be well at the end."""
    with MessageServer() as made:
        yield made
        with connect(made) as sock:
            assert ask(sock, b"still here")


def client(address: Address, *words: str | bytes) -> tuple[int, bytes, str]:
    return run_client(*to(address), "-s", *words, program="message_client.py")


# They talk.


def test_client_prints_each_answer_and_server_says_whom_it_served() -> None:
    with MessageServer() as server:
        host, port = server.address
        code, printed, errors = client(server.address, "hello", "two words", "", b"-")
        assert (code, errors) == (0, "")
        assert printed.decode().splitlines() == [
            f"connection with {host}:{port} succeeded",
            "sent: b'hello'",
            "answer: hello",
            "sent: b'two words'",
            "answer: two words",
            "sent: b''",
            "answer: ",
            "sent: b'-'",
            "answer: -",
        ]
        who = server.line().removesuffix(" connected")
        assert server.line() == f"{who} closed, messages answered: 4"


@settings(max_examples=40)
@given(messages=st.lists(st.binary(max_size=300), max_size=20), data=st.data())
def test_any_messages_in_any_pieces_come_back(
    server: MessageServer, messages: list[bytes], data: st.DataObject
) -> None:
    stream = framed(*messages)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    with connect(server) as sock:
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            sock.sendall(stream[start:stop])
        sock.shutdown(socket.SHUT_WR)
        assert receive(sock, len(stream) + 1) == stream


def test_a_message_as_long_as_the_limit_comes_back(server: MessageServer) -> None:
    message = random.Random(1).randbytes(1_000_000)
    with connect(server) as sock:
        assert message_client_module.ask(sock, message, len(message), LIMIT) == message


def test_programs_work_where_a_learner_copies_them(tmp_path: Path) -> None:
    alone = [sys.executable, "-I", "-S"]  # Without any installed package.
    paths = [str(shutil.copy(PROGRAMS / f"message_{name}.py", tmp_path)) for name in ENDS]
    with Process([*alone, paths[0], "-p", "0"]) as server:
        port = server.line().rpartition(":")[2]
        with Process([*alone, paths[1], "-p", port, "-i", "127.0.0.1", "-s", "hi"]) as client:
            code, lines, errors = client.finish()
        assert (code, lines[-1], errors) == (0, "answer: hi", "")
        server.popen.terminate()
        server.finish()


ENDS = ("server", "client")


# Clients that misbehave, and who is beside them.


@pytest.mark.parametrize("cut", range(1, 4 + len(b"hello")))
def test_an_end_inside_a_message_is_said_and_the_ones_before_are_answered(
    server: MessageServer, cut: int
) -> None:
    with connect(server) as sock:
        sock.sendall(framed(b"first") + framed(b"hello")[:cut])
        sock.shutdown(socket.SHUT_WR)
        assert receive(sock, 100) == framed(b"first")
        who = name(sock)
    where = "inside a header" if cut < 4 else f"after {cut - 4} of 5 bytes"
    says(server, f"{who} lost: the stream ended {where}")


def test_one_that_announces_too_much_is_closed_before_it_sends(server: MessageServer) -> None:
    with connect(server) as sock:
        sock.sendall(framed(b"first") + b"\xff\xff\xff\xff")
        assert receive(sock, 100) == framed(b"first")
        says(server, f"{name(sock)} lost: a message of 4294967295 bytes, and 1000000 are allowed")


def test_the_size_is_the_one_that_was_asked_for() -> None:
    with MessageServer("--size", "5") as server, connect(server) as sock:
        assert ask(sock, b"12345", b"")
        sock.sendall(struct.pack("!I", 6))
        assert ends(sock)
        says(server, f"{name(sock)} lost: a message of 6 bytes, and 5 are allowed")


def test_a_reset_loses_one_client_only(server: MessageServer) -> None:
    with connect(server) as other:
        sock = connect(server)
        assert ask(sock, b"hello")
        who = name(sock)
        reset(sock)
        says(server, f"{who} lost: ")
        assert ask(other, b"and I?")


def test_silent_ones_and_one_that_does_not_read_delay_nobody(server: MessageServer) -> None:
    silent = [connect(server) for _ in range(30)]
    flooder = connect(server)
    flood(flooder)
    with connect(server) as sock:
        assert ask(sock, b"now")
    for each in [*silent, flooder]:
        reset(each)


@pytest.mark.parametrize("sent", [b"", b"\0\0", framed(b"hello")[:-1]])
def test_who_sends_no_whole_message_in_time_is_closed(sent: bytes) -> None:
    with MessageServer("--limit", SHORT) as server, connect(server) as sock:
        sock.sendall(sent)
        assert ends(sock)
        says(server, f"{name(sock)} lost: timed out")


def test_the_limit_is_for_a_whole_message_however_many_bytes_come_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who drips bytes is stopped: the time for each read becomes less."""
    conn, clock = Mock(), Mock()
    conn.recv.return_value = b"\0"
    clock.monotonic.side_effect = [0.0, 0.0, 4.0, 8.0, 12.0]
    monkeypatch.setattr(message_server_module, "time", clock)
    messages = message_server_module.read_messages(conn, 100, 10.0)
    with pytest.raises(TimeoutError):
        next(messages)
    assert [call.args[0] for call in conn.settimeout.mock_calls] == [10.0, 6.0, 2.0]


def test_who_does_not_read_its_answers_in_time_is_closed() -> None:
    with MessageServer("--limit", SHORT) as server, connect(server) as sock:
        who = name(sock)
        flood(sock)
        says(server, f"{who} lost: timed out")


def test_more_than_a_hundred_wait_for_their_turn() -> None:
    many = message_server_module.CLIENTS
    with MessageServer() as server:
        others = [connect(server) for _ in range(many)]
        assert all(ask(each, b"here") for each in others)
        with connect(server) as next_one:
            next_one.sendall(framed(b"my turn?"))
            next_one.setblocking(False)
            assert ask(others[0], b"still here")
            with pytest.raises(BlockingIOError):
                next_one.recv(1)
            next_one.settimeout(LIMIT)
            others.pop().close()
            assert receive(next_one, 12) == framed(b"my turn?")
        for each in others:
            each.close()


def test_serve_survives_what_accept_gives_on_other_systems(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Windows and BSD: accept() fails for a client that has gone. macOS: it has no address."""
    conn, peer = socket.socketpair()
    peer.close()
    listener = Mock()
    listener.accept.side_effect = [ConnectionAbortedError(), (conn, None), KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        message_server_module.serve(listener, 100, LIMIT)
    assert conn.fileno() == -1
    first, second = sorted(capsys.readouterr().out.splitlines(), reverse=True)
    assert first == "unknown client connected"
    assert second.startswith("unknown client ")


# The client, and servers that misbehave.


def served(answer: bytes) -> tuple[socket.socket, threading.Thread]:
    """A server for one client: it reads one message of five bytes, answers so, and closes."""

    def serve() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.settimeout(LIMIT)
            receive(conn, 9)
            conn.sendall(answer)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(LIMIT)
    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (framed(b"Hello"), "what came back is not what was sent"),
        (b"", "the server ended after 0 of 4 bytes"),
        (framed(b"hello")[:3], "the server ended after 3 of 4 bytes"),
        (framed(b"hello")[:-1], "the server ended after 4 of 5 bytes"),
        (b"\xff\xff\xff\xff", "an answer of 4294967295 bytes, and 1000000 are allowed"),
    ],
)
def test_an_answer_that_is_none_is_said_plainly(answer: bytes, says: str) -> None:
    listener, thread = served(answer)
    with listener:
        assert_fails_plainly(client(listener.getsockname(), "hello"), 1, says)
    thread.join(LIMIT)


def test_a_server_that_is_silent_is_given_up_after_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        options = [*to(listener.getsockname()), "--limit", SHORT, "-s", "hello"]
        outcome = run_client(*options, program="message_client.py")
    assert_fails_plainly(outcome, 1, "message_client: 127.0.0.1 port ", "timed out")


def test_nobody_listens_is_said_plainly() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # It has the port, but it does not listen.
        outcome = client(silent.getsockname(), "hello")
    assert_fails_plainly(outcome, 1, "message_client: 127.0.0.1 port ")


# The command line, and the end.


@pytest.mark.parametrize(
    "option", ["--size=-1", "--size=x", f"--size={2**32}", "--limit=0", "--limit=nan", "-p=x"]
)
def test_a_server_refuses_a_number_that_is_none(option: str) -> None:
    command = [*PYTHON, str(PROGRAMS / "message_server.py"), "-p=0", option]
    with Process(command) as server:
        assert_fails_plainly(server.finish(), 2, f"argument {option.partition('=')[0]}")


@pytest.mark.posix_only
def test_ctrl_c_closes_every_client_and_frees_the_port() -> None:
    with MessageServer() as server, connect(server) as one, connect(server) as other:
        assert ask(one, b"hello")
        assert ask(other, b"hello")
        server.interrupt()
        code, lines, errors = server.finish()
        assert (code, lines[-1], errors) == (0, "stopped", "")
        assert ends(one)
        assert ends(other)
    with MessageServer(port=server.address[1]) as again, connect(again) as sock:
        assert ask(sock, b"hello")


@pytest.mark.posix_only
def test_ctrl_c_ends_a_client_that_waits_with_code_130() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [*PYTHON, str(PROGRAMS / "message_client.py"), *to(listener.getsockname())]
        with Process([*command, "-s", "hello"]) as waits:
            assert waits.line().endswith(" succeeded")
            assert waits.line().startswith("sent: ")
            waits.interrupt()
            assert waits.finish() == (130, [], "message_client: interrupted\n")


@pytest.mark.linux_only
@pytest.mark.parametrize(
    "arguments", [["message_server.py", "-p", "0"], ["message_client.py", "-s", "hello"]]
)
def test_a_full_disk_is_said_plainly(server: MessageServer, arguments: list[str]) -> None:
    options = to(server.address) if arguments[0] == "message_client.py" else []
    with open("/dev/full", "wb") as full:
        done: Any = subprocess.run(
            [*PYTHON, PROGRAMS / arguments[0], *arguments[1:], *options],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
        )
    outcome = (done.returncode, "", done.stderr.decode())
    assert_fails_plainly(outcome, 1, "cannot print", os.strerror(errno.ENOSPC))


@pytest.mark.posix_only
def test_a_server_whose_reader_is_gone_ends_plainly_also_in_the_thread_of_a_client() -> None:
    command = [*PYTHON, str(PROGRAMS / "message_server.py"), "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            assert server.stdout
            port = int(server.stdout.readline().rpartition(b":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as sock:
                assert ask(sock, b"hello")
                server.stdout.close()
            errors = server.communicate(timeout=LIMIT)[1].decode()
            assert_fails_plainly((server.returncode, "", errors), 1, "cannot print")
        finally:
            server.kill()
