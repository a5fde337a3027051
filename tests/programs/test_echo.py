"""The two programs talk: to each other, to programs nobody here wrote, of any bytes."""

from __future__ import annotations

import ast
import random
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import (
    LIMIT,
    PROGRAMS,
    Address,
    Process,
    Server,
    a_tool,
    client_module,
    run_client,
    server_module,
    talk,
    to,
)

# The two programs, talking.


def test_client_prints_connection_message_and_echo_and_server_says_whom_it_served() -> None:
    with Server() as server:
        host, port = server.address
        code, printed, errors = run_client(*to(server.address), "-s", "hello", "world")
        assert (code, errors) == (0, "")
        assert printed.decode().splitlines() == [
            f"connection with {host}:{port} succeeded",
            "sent: b'hello world'",
            "echo: hello world",
        ]
        client = server.line().removesuffix(" connected")
        assert client.startswith("127.0.0.1:")
        assert server.line() == f"{client} closed, bytes echoed: 11"


def test_three_clients_are_served_one_after_another() -> None:
    with Server() as server:
        for word in ("one", "two", "three"):
            code, printed, errors = run_client(*to(server.address), "-s", word)
            assert (code, errors) == (0, "")
            assert printed.endswith(f"\necho: {word}\n".encode())
            assert server.line().endswith(" connected")
            assert server.line().endswith(f" closed, bytes echoed: {len(word)}")


def test_a_client_that_waits_gets_its_turn(address: Address) -> None:
    with (
        socket.create_connection(address, timeout=LIMIT) as first,
        socket.create_connection(address, timeout=LIMIT) as second,
    ):
        first.sendall(b"1")
        assert first.recv(1) == b"1"
        second.sendall(b"2")
        second.setblocking(False)
        with pytest.raises(BlockingIOError):
            second.recv(1)
        second.settimeout(LIMIT)
        first.close()
        assert second.recv(1) == b"2"


def test_server_echoes_each_part_before_the_client_ends(address: Address) -> None:
    with socket.create_connection(address, timeout=LIMIT) as conn:
        for part in (b"a", b"b", b"c"):
            conn.sendall(part)
            assert conn.recv(10) == part


def test_empty_word_is_sent_as_nothing(address: Address) -> None:
    code, printed, errors = run_client(*to(address), "-s", "")
    assert (code, errors) == (0, "")
    assert printed.endswith(b"\nsent: b''\necho: \n")


def test_client_finds_the_server_by_name(address: Address) -> None:
    code, printed, errors = run_client("-i", "localhost", "-p", str(address[1]), "-s", "hello")
    assert (code, errors) == (0, "")
    assert printed.endswith(b"\necho: hello\n")


@pytest.mark.ipv6_only
def test_programs_talk_over_ipv6() -> None:
    with Server("--host", "::1") as server:
        code, printed, errors = run_client(*to(server.address), "-s", "hello")
        assert (code, errors) == (0, "")
        assert printed.startswith(f"connection with [::1]:{server.address[1]} succeeded".encode())
        assert server.line().startswith("[::1]:")


@pytest.mark.linux_only
def test_server_is_not_reached_at_other_addresses_unless_told(address: Address) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", address[1]), timeout=LIMIT)
    with Server("--host", "0.0.0.0") as server:
        assert talk(("127.0.0.2", server.address[1]), b"hello") == b"hello"


# Clients nobody here wrote.


@pytest.mark.posix_only
def test_nc_gets_its_echo(address: Address) -> None:
    # Debian's nc half-closes at the end of its input when it is given -N; macOS's nc always does.
    options = ["-N"] if sys.platform == "linux" else []
    done = subprocess.run(
        [a_tool("nc"), *options, address[0], str(address[1])],
        input=b"hello\nworld\n",
        capture_output=True,
        timeout=LIMIT,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello\nworld\n", b"")


def test_curl_telnet_gets_its_echo(address: Address) -> None:
    url = f"telnet://{address[0]}:{address[1]}"
    # Some versions of curl leave when their input ends, even before the echo is here. Some stay.
    # So the input stays open, and the test ends curl.
    with Process([a_tool("curl"), "-sSN", url], stdin=subprocess.PIPE) as curl:
        assert curl.popen.stdin
        for word in ("hello", "world"):
            curl.popen.stdin.write(f"{word}\n".encode())
            curl.popen.stdin.flush()
            assert curl.line() == word
        curl.popen.terminate()
        assert curl.finish()[1:] == ([], "")
    assert talk(address, b"next") == b"next"


# Any bytes, any amount.


@settings(max_examples=60)
@given(data=st.binary(max_size=3000), times=st.integers(1, 20))
def test_any_bytes_come_back_as_they_went(address: Address, data: bytes, times: int) -> None:
    message = data * times
    assert talk(address, message) == message
    with socket.create_connection(address, timeout=LIMIT) as conn:
        assert client_module.exchange(conn, message) == message


def test_echo_sends_all_when_the_system_takes_a_part_at_a_time() -> None:
    def serve() -> None:
        with ours:
            counts.append(server_module.echo(ours))

    counts: list[int] = []
    data = random.Random(3).randbytes(1_000_000)
    ours, peer = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours.settimeout(LIMIT / 2)  # With a timeout, one send() may take a part only.
    thread = threading.Thread(target=serve)
    thread.start()
    with peer:
        peer.settimeout(LIMIT)
        assert client_module.exchange(peer, data) == data
    thread.join(LIMIT)
    assert counts == [len(data)]


def test_five_megabytes_come_back_unharmed(address: Address) -> None:
    data = random.Random(5).randbytes(5_000_000)
    assert talk(address, data) == data


@pytest.mark.posix_only
def test_arguments_that_are_not_utf8_come_back_unharmed(address: Address) -> None:
    word = bytes(range(1, 256))
    code, printed, errors = run_client(*to(address), "-s", word, b"\xff\xfe", "안녕")
    message = word + b" \xff\xfe " + "안녕".encode()
    assert (code, errors) == (0, "")
    assert printed.endswith(f"\nsent: {message!r}\necho: ".encode() + message + b"\n")


def test_words_as_large_as_the_command_line_permits_come_back(address: Address) -> None:
    words = ["x" * 10_000] * 2 if sys.platform == "win32" else ["x" * 120_000] * 6
    code, printed, errors = run_client(*to(address), "-s", *words)
    assert (code, errors) == (0, "")
    assert printed.endswith(b"\necho: " + " ".join(words).encode() + b"\n")


@pytest.mark.parametrize("more", [-1, 0, 1])
@pytest.mark.parametrize("pieces", [1, 2])
def test_exchange_sends_all_at_the_edges_of_its_pieces(
    address: Address, pieces: int, more: int
) -> None:
    message = random.Random(1).randbytes(client_module.PIECE * pieces + more)
    with socket.create_connection(address, timeout=LIMIT) as conn:
        assert client_module.exchange(conn, message) == message


def test_fifty_megabytes_do_not_block_client_and_server_for_ever(address: Address) -> None:
    message = random.Random(50).randbytes(50_000_000)
    with socket.create_connection(address, timeout=LIMIT) as conn:
        assert client_module.exchange(conn, message) == message


def test_the_test_before_would_see_a_client_that_sends_all_before_it_reads(
    address: Address,
) -> None:
    with socket.create_connection(address, timeout=0.3) as conn, pytest.raises(TimeoutError):
        conn.sendall(bytes(50_000_000))
    assert talk(address, b"still here") == b"still here"


# Programs to copy away.


@pytest.mark.parametrize("name", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_programs_import_only_the_standard_library(name: str) -> None:
    tree = ast.parse((PROGRAMS / f"{name}.py").read_text(encoding="utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module
            assert node.level == 0
            imported.add(node.module.split(".")[0])
    assert "socket" in imported
    assert imported <= sys.stdlib_module_names


def test_programs_work_where_a_learner_copies_them(tmp_path: Path) -> None:
    alone = [sys.executable, "-I", "-S"]  # Without any installed package.
    server_path = str(shutil.copy(PROGRAMS / "echo_server.py", tmp_path))
    client_path = str(shutil.copy(PROGRAMS / "echo_client.py", tmp_path))
    with Process([*alone, server_path, "-p", "0"]) as server:
        port = server.line().rpartition(":")[2]
        with Process([*alone, client_path, "-p", port, "-i", "127.0.0.1", "-s", "hi"]) as client:
            code, lines, errors = client.finish()
        assert (code, lines[-1], errors) == (0, "echo: hi", "")
        server.popen.terminate()
        server.finish()


def test_the_six_steps_are_named_where_they_happen() -> None:
    server = (PROGRAMS / "echo_server.py").read_text(encoding="utf-8")
    comments = " ".join(line.partition("# ")[2] for line in server.splitlines())
    steps = ["create, bind, listen", "accept", "close", "exchange"]
    assert [comments.index(step) for step in steps] == sorted(map(comments.index, steps))
