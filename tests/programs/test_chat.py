"""The chat programs: lines reach all others whole, nobody waits for another, and all ends well.

What they share with the echo programs, the command line and how a port is taken, is tested there.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import (
    LIMIT,
    PROGRAMS,
    PYTHON,
    Address,
    ChatServer,
    Process,
    assert_fails_plainly,
    chat_client_module,
    reset,
    run_client,
    to,
)

from helpers.peers import TINY_BUFFER

CHATS = ["chat_threads", "chat_selectors", "chat_asyncio"]
"""The servers. Each of them must pass each of these tests."""

SHORT = "0.2"
"""Seconds of a limit that is meant to pass: who keeps to it needs a thousandth of it."""

LINE = 1000
"""Bytes that a line may have, with its newline."""

SMALL_BUFFER = """
import runpy, socket, sys
plain = socket.create_server
def create_server(*args, **kwargs):
    listener = plain(*args, **kwargs)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)  # what it accepts has it, too
    return listener
socket.create_server = create_server
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program whose send buffers are soon full. Else they take megabytes for each client."""


class SmallBuffers(ChatServer):
    """A chat server with small send buffers."""

    run = ("-c", SMALL_BUFFER)


def join(server: ChatServer, receive_buffer: int | None = None) -> socket.socket:
    """A client. The lines of others reach it from now on."""
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(LIMIT)
    sock.connect(server.address)
    says(server, f"{name(sock)} connected")
    return sock


def name(sock: socket.socket) -> str:
    """What the server calls this client."""
    host, port = sock.getsockname()
    return f"{host}:{port}"


def says(server: Process, what: str) -> None:
    """The server says that, at the beginning of a line; what it says of others is passed over."""
    while not server.line().startswith(what):
        pass


def receive(sock: socket.socket, size: int) -> bytes:
    came = bytearray()
    while len(came) < size and (data := sock.recv(size - len(came))):
        came += data
    return bytes(came)


def hears(sock: socket.socket, *lines: bytes) -> bool:
    """Whether these lines are what comes next."""
    wanted = b"".join(lines)
    return receive(sock, len(wanted)) == wanted


def ends(sock: socket.socket) -> bool:
    """Whether the server closes the connection; with what was unread, by a reset."""
    with suppress(ConnectionError):
        while sock.recv(65536):
            pass
    return True  # otherwise the time limit of the socket has passed


@pytest.fixture(scope="module", params=CHATS)
def server(request: pytest.FixtureRequest) -> Iterator[ChatServer]:
    """One server for many tests. It must still be well at the end."""
    with ChatServer(request.param) as made:
        yield made
        with join(made) as one, join(made) as other:
            one.sendall(b"still here\n")
            assert hears(other, b"still here\n")


each_chat = pytest.mark.parametrize("chat", CHATS)


# Lines reach all others.


def test_a_line_goes_to_all_others_and_not_back(server: ChatServer) -> None:
    with join(server) as one, join(server) as two, join(server) as three:
        one.sendall(b"from one\n")
        assert hears(two, b"from one\n")
        assert hears(three, b"from one\n")
        two.sendall(b"from two\n")
        assert hears(one, b"from two\n")
        assert hears(three, b"from two\n")


@settings(max_examples=40)
@given(
    lines=st.lists(st.binary(max_size=200).map(lambda x: x.replace(b"\n", b"")), max_size=20),
    data=st.data(),
)
def test_any_lines_in_any_pieces_come_unchanged(
    server: ChatServer, lines: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    with join(server) as one, join(server) as other:
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            one.sendall(stream[start:stop])
        assert hears(other, stream)


def test_half_a_line_waits_for_its_rest_and_mixes_with_no_other(server: ChatServer) -> None:
    with join(server) as one, join(server) as two, join(server) as three:
        one.sendall(b"half")
        two.sendall(b"whole\n")
        assert hears(three, b"whole\n")
        one.sendall(b" a line\n")
        assert hears(three, b"half a line\n")
        assert hears(two, b"half a line\n")


def test_half_a_line_at_the_end_is_dropped(server: ChatServer) -> None:
    with join(server) as one, join(server) as other:
        with join(server) as leaves:
            leaves.sendall(b"whole\nhalf")
            who = name(leaves)
        says(server, f"{who} closed, lines: 1")
        one.sendall(b"after it\n")
        assert hears(other, b"whole\n", b"after it\n")


def test_who_ends_its_side_still_gets_what_waits_for_it(server: ChatServer) -> None:
    with join(server) as one, join(server) as other:
        one.sendall(b"a line\n")
        assert hears(other, b"a line\n")  # so it waits for no other client any more
        other.shutdown(socket.SHUT_WR)
        assert other.recv(1) == b""


# Clients that misbehave, and who is beside them.


def test_a_line_may_have_a_thousand_bytes_and_one_more_ends_its_client(server: ChatServer) -> None:
    longest = b"x" * (LINE - 1) + b"\n"
    with join(server) as one, join(server) as other:
        one.sendall(longest + b"x" + longest)
        assert hears(other, longest)
        assert ends(one)
        says(server, f"{name(one)} lost: ")
        with join(server) as third:
            third.sendall(b"and I?\n")
            assert hears(other, b"and I?\n")


def test_a_long_line_is_not_waited_for(server: ChatServer) -> None:
    with join(server) as one:
        one.sendall(b"x" * LINE)  # With its newline it has more.
        assert ends(one)


@pytest.mark.parametrize("sent", [b"", b"half", b"whole\n"])
def test_a_reset_loses_one_client_only(server: ChatServer, sent: bytes) -> None:
    with join(server) as one, join(server) as other:
        leaves = join(server)
        leaves.sendall(sent)
        who = name(leaves)
        reset(leaves)
        says(server, f"{who} lost: ")
        one.sendall(b"and we?\n")
        assert hears(other, *[sent] * (sent[-1:] == b"\n"), b"and we?\n")


def test_a_hundred_that_come_and_go_leave_nothing(server: ChatServer) -> None:
    process = psutil.Process(server.popen.pid)
    with join(server) as one, join(server) as other:
        count = process.num_fds() if hasattr(process, "num_fds") else 0
        for _ in range(100):
            passing = join(server)
            who = name(passing)
            passing.close()
            says(server, f"{who} closed")
        one.sendall(b"and we?\n")
        assert hears(other, b"and we?\n")
        if count:
            assert process.num_fds() <= count


@each_chat
def test_who_is_silent_for_longer_than_the_limit_is_closed(chat: str) -> None:
    with ChatServer(chat, "--limit", SHORT) as server, join(server) as sock:
        assert ends(sock)
        says(server, f"{name(sock)} lost: ")


@each_chat
@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.weekly)])
def test_one_that_does_not_read_is_closed_and_a_hundred_others_do_not_wait(
    chat: str, rounds: int
) -> None:
    """With `-s` it prints their time with one that does not read, as a part of that without."""
    with ExitStack() as stack:
        server = stack.enter_context(SmallBuffers(chat))
        crowd = [stack.enter_context(join(server)) for _ in range(100)]
        round_of(crowd)
        before = psutil.Process(server.popen.pid).memory_info().rss
        without, beside = [], []
        for _ in range(rounds):
            without.append(round_of(crowd))
            with join(server, receive_buffer=TINY_BUFFER) as idle:
                beside.append(round_of(crowd))
                says(server, f"{name(idle)} lost: it does not read")
        grown = psutil.Process(server.popen.pid).memory_info().rss - before
    ratio = min(beside) / min(without)
    print(f"\n{chat}: 100 clients beside one that does not read: {ratio:.2f} of their time")
    assert rounds == 1 or ratio < 2  # measured: 0.9 to 1.1
    assert grown < 8_000_000  # of 36 MB that were sent in each round


def round_of(crowd: list[socket.socket]) -> float:
    """One sends, and all others read, line by line. Their seconds."""
    began = time.perf_counter()
    block = (b"x" * 899 + b"\n") * 20
    for _ in range(20):
        crowd[0].sendall(block)
        for each in crowd[1:]:
            assert hears(each, block)
    return time.perf_counter() - began


# Many.


@each_chat
@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.weekly)])
def test_many_clients_speak_and_no_line_is_lost(chat: str, count: int) -> None:
    room_for(count)
    with ExitStack() as stack:
        server = stack.enter_context(ChatServer(chat))
        crowd = [stack.enter_context(join(server)) for _ in range(count)]
        lines = [b"%d says %d\n" % divmod(number, 2) for number in range(2 * count)]
        began = time.perf_counter()
        for who, sock in enumerate(crowd):
            sock.sendall(lines[2 * who] + lines[2 * who + 1])
        for who, sock in enumerate(crowd):
            others = lines[: 2 * who] + lines[2 * who + 2 :]
            came = receive(sock, sum(map(len, others))).splitlines(keepends=True)
            assert sorted(came) == sorted(others)
            assert in_the_order_of_their_senders(came)
        print(f"\n{chat}: {count} clients, {time.perf_counter() - began:.1f} s")


def in_the_order_of_their_senders(lines: Iterable[bytes]) -> bool:
    numbers: dict[bytes, list[bytes]] = {}
    for line in lines:
        who, _, number = line.split()
        numbers.setdefault(who, []).append(number)
    return all(each == sorted(each) for each in numbers.values())


def room_for(count: int) -> None:
    """This process may open so many sockets; the server, which inherits it, too."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < count + 200:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 200, hard), hard))


@pytest.mark.posix_only
@each_chat
def test_without_a_descriptor_the_next_ones_wait_until_others_have_gone(chat: str) -> None:
    few = ["sh", "-c", 'ulimit -n 32; exec "$@"', "sh"]
    with ExitStack() as stack:
        server = Process([*few, *PYTHON, str(PROGRAMS / f"{chat}.py"), "-p", "0"])
        stack.enter_context(server)
        address = "127.0.0.1", int(server.line().rpartition(":")[2])
        crowd = [socket.create_connection(address, timeout=LIMIT) for _ in range(40)]
        one, other = (stack.enter_context(each) for each in crowd[-2:])
        process, limit = psutil.Process(server.popen.pid), time.monotonic() + LIMIT
        while process.num_fds() < 32:
            assert time.monotonic() < limit
        for sock in crowd[:-2]:
            sock.close()
        says(server, f"{name(other)} connected")
        one.sendall(b"my turn\n")
        assert hears(other, b"my turn\n")
        server.interrupt()
        code, lines, errors = server.finish()
        assert (code, lines[-1], errors) == (0, "stopped", "")


# The client.


def client(address: Address, text: bytes) -> tuple[int, bytes, str]:
    done = subprocess.run(
        [*PYTHON, PROGRAMS / "chat_client.py", *to(address)],
        input=text,
        capture_output=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout.replace(b"\r\n", b"\n"), done.stderr.decode()


class ChatClient(Process):
    """The client as a process, connected. Its input stays open."""

    def __init__(self, address: Address) -> None:
        command = [*PYTHON, str(PROGRAMS / "chat_client.py"), *to(address)]
        super().__init__(command, stdin=subprocess.PIPE)
        with ExitStack() as cleanup:
            cleanup.push(super().__exit__)
            assert self.line().endswith(" succeeded")
            cleanup.pop_all()

    def type(self, text: bytes) -> None:
        assert self.popen.stdin
        self.popen.stdin.write(text)
        self.popen.stdin.flush()

    def leave(self) -> tuple[int, list[str], str]:
        assert self.popen.stdin
        self.popen.stdin.close()
        return self.finish()


@each_chat
def test_two_clients_talk_and_leave(chat: str) -> None:
    with ChatServer(chat) as server, ChatClient(server.address) as one:
        says(server, "127.0.0.1:")
        code, printed, errors = client(server.address, "hello\n안녕\nthe last".encode())
        assert (code, errors) == (0, "")
        assert printed.endswith(b" succeeded\n")
        assert [one.line() for _ in range(3)] == ["hello", "안녕", "the last"]
        assert one.leave() == (0, [], "")


def test_a_line_that_is_too_long_is_not_sent(server: ChatServer) -> None:
    with join(server) as other:
        text = b"x" * (LINE - 1) + b"\n" + b"x" * LINE + b"\nafter it\n"
        outcome = client(server.address, text)
        assert hears(other, b"x" * (LINE - 1), b"\nafter it\n")
        assert_fails_plainly((outcome[0], b"", outcome[2]), 0, "more than 1000 bytes")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"plain \xec\x95\x88", "plain 안"),
        (b"\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        (b"\xff", r"\xff"),
        ("\u202e".encode(), r"\u202e"),
        (b"a\tb\r", r"a\tb"),
    ],
)
def test_what_others_send_does_nothing_to_a_terminal(line: bytes, shown: str) -> None:
    assert chat_client_module.printable(line) == shown


def test_a_server_that_closes_first_is_a_failure(server: ChatServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)
        with ChatClient(listener.getsockname()) as waits:
            conn, _ = listener.accept()
            with conn:
                conn.sendall(b"the last\n")
            code, lines, errors = waits.finish()
            assert lines == ["the last"]
            assert_fails_plainly((code, b"", errors), 1, "the server has closed the connection")
            waits.popen.stdin.close()  # type: ignore[union-attr]


def test_nobody_listens_is_said_plainly() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # It has the port, but it does not listen.
        outcome = run_client(*to(silent.getsockname()), program="chat_client.py")
    assert_fails_plainly(outcome, 1, "chat_client: 127.0.0.1 port ")


# The command line, and the end.


@each_chat
@pytest.mark.parametrize("option", ["--limit=0", "--limit=nan", "-p=x", "--host=a..b"])
def test_a_server_refuses_what_is_no_option(chat: str, option: str) -> None:
    with Process([*PYTHON, str(PROGRAMS / f"{chat}.py"), "-p=0", option]) as server:
        assert_fails_plainly(server.finish(), 2, f"argument {option.partition('=')[0]}")


@pytest.mark.posix_only
@each_chat
def test_ctrl_c_closes_every_client_and_frees_the_port(chat: str) -> None:
    with ChatServer(chat) as server, join(server) as one, join(server) as other:
        one.sendall(b"half a line")
        server.interrupt()
        code, lines, errors = server.finish()
        assert (code, lines[-1], errors) == (0, "stopped", "")
        assert ends(one)
        assert ends(other)
    with ChatServer(chat, port=server.address[1]) as again:
        again.interrupt()
        assert again.finish()[0] == 0


@pytest.mark.posix_only
@each_chat
def test_ctrl_c_ends_a_server_that_has_a_client_who_does_not_read(chat: str) -> None:
    with SmallBuffers(chat) as server, join(server) as one, join(server, TINY_BUFFER):
        one.sendall((b"x" * 899 + b"\n") * 60)
        one.sendall(b"x" * LINE)
        assert ends(one)  # so all before it has been given to the other
        server.interrupt()
        code, lines, errors = server.finish()
        assert (code, lines[-1], errors) == (0, "stopped", "")


@pytest.mark.posix_only
def test_ctrl_c_ends_a_client_with_code_130(server: ChatServer) -> None:
    with ChatClient(server.address) as waits:
        waits.interrupt()
        assert waits.finish() == (130, [], "chat_client: interrupted\n")
        waits.popen.stdin.close()  # type: ignore[union-attr]


@pytest.mark.linux_only
@pytest.mark.parametrize("program", [*CHATS, "chat_client"])
def test_a_full_disk_is_said_plainly(server: ChatServer, program: str) -> None:
    options = to(server.address) if program == "chat_client" else ["-p", "0"]
    with open("/dev/full", "wb") as full:
        done: Any = subprocess.run(
            [*PYTHON, PROGRAMS / f"{program}.py", *options],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
        )
    outcome = (done.returncode, "", done.stderr.decode())
    assert_fails_plainly(outcome, 1, "cannot print", os.strerror(errno.ENOSPC))


@each_chat
def test_programs_work_where_a_learner_copies_them(chat: str, tmp_path: Path) -> None:
    alone = [sys.executable, "-I", "-S"]  # Without any installed package.
    paths = [str(shutil.copy(PROGRAMS / f"{each}.py", tmp_path)) for each in (chat, "chat_client")]
    with Process([*alone, paths[0], "-p", "0"]) as server:
        port = server.line().rpartition(":")[2]
        with Process([*alone, paths[1], "-p", port, "-i", "127.0.0.1"]) as client:
            code, lines, errors = client.finish()
        assert (code, errors) == (0, "")
        assert lines[-1].endswith(" succeeded")
        server.popen.terminate()
        server.finish()
