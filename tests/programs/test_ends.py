"""How the programs end: clients that misbehave, Ctrl-C, output that nobody reads."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
from unittest.mock import Mock

import pytest
from running import (
    LIMIT,
    PROGRAMS,
    PYTHON,
    Address,
    Process,
    Server,
    assert_fails_plainly,
    reset,
    server_module,
    talk,
    to,
)

# Clients that misbehave.


def test_a_client_that_resets_does_not_end_the_server() -> None:
    with Server() as server:
        conn = socket.create_connection(server.address, timeout=LIMIT)
        conn.sendall(b"hello")
        assert conn.recv(5) == b"hello"
        reset(conn)
        assert server.line().endswith(" connected")
        assert " lost: " in server.line()
        assert talk(server.address, b"next") == b"next"


def test_a_client_that_resets_before_its_turn_does_not_end_the_server(address: Address) -> None:
    with socket.create_connection(address, timeout=LIMIT) as first:
        first.sendall(b"1")
        assert first.recv(1) == b"1"
        reset(socket.create_connection(address, timeout=LIMIT))
    assert talk(address, b"next") == b"next"


def test_a_silent_client_loses_its_place_when_the_limit_is_over() -> None:
    with (
        Server("--limit", "0.2") as server,
        socket.create_connection(server.address, timeout=LIMIT) as silent,
    ):
        assert talk(server.address, b"next") == b"next"
        assert silent.recv(1) == b""
        assert server.line().endswith(" connected")
        assert server.line().endswith(" lost: timed out")


def test_who_speaks_in_time_stays_longer_than_the_limit() -> None:
    with (
        Server("--limit", "1000") as server,
        socket.create_connection(server.address, timeout=LIMIT) as conn,
    ):
        for byte in b"abc":
            conn.sendall(bytes([byte]))
            assert conn.recv(1) == bytes([byte])


def test_a_client_that_closes_at_once_is_served_and_done() -> None:
    with Server() as server:
        socket.create_connection(server.address, timeout=LIMIT).close()
        assert server.line().endswith(" connected")
        assert server.line().endswith(" closed, bytes echoed: 0")
        assert talk(server.address, b"next") == b"next"


def test_serve_survives_what_accept_gives_on_other_systems(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Windows and BSD: accept() fails for a client that has gone. macOS: it has no address."""
    conn, peer = socket.socketpair()
    peer.close()
    listener = Mock()
    listener.accept.side_effect = [
        ConnectionAbortedError(),
        ConnectionResetError(),
        (conn, None),
        KeyboardInterrupt(),
    ]
    with pytest.raises(KeyboardInterrupt):
        server_module.serve(listener)
    assert conn.fileno() == -1
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["unknown client connected", "unknown client closed, bytes echoed: 0"]


# The end: Ctrl-C, the port, output that nobody reads.


@pytest.mark.posix_only
def test_ctrl_c_ends_a_server_that_waits_for_a_client() -> None:
    with Server() as server:
        server.interrupt()
        assert server.finish() == (0, ["stopped"], "")


@pytest.mark.posix_only
def test_ctrl_c_frees_the_port_at_once_after_a_client_was_served() -> None:
    with Server() as server:
        assert talk(server.address, b"hello") == b"hello"
    with Server(port=server.address[1]) as again:
        assert talk(again.address, b"hello") == b"hello"


@pytest.mark.posix_only
def test_ctrl_c_with_a_client_connected_ends_it_in_order_and_frees_the_port() -> None:
    with Server() as server, socket.create_connection(server.address, timeout=LIMIT) as conn:
        conn.sendall(b"hello")
        assert conn.recv(5) == b"hello"
        assert server.line().endswith(" connected")
        server.interrupt()
        assert server.finish() == (0, ["stopped"], "")
        assert conn.recv(5) == b""
    # The server closed first, so the port keeps a connection in TIME_WAIT.
    with Server(port=server.address[1]) as again:
        assert talk(again.address, b"hello") == b"hello"


@pytest.mark.posix_only
def test_ctrl_c_ends_a_client_that_waits_with_code_130() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [*PYTHON, str(PROGRAMS / "echo_client.py"), *to(listener.getsockname())]
        with Process([*command, "-s", "hello"]) as client:
            assert client.line().endswith(" succeeded")
            client.interrupt()
            assert client.finish() == (130, [], "echo_client: interrupted\n")


@pytest.mark.posix_only
def test_sigterm_ends_the_server_as_it_ends_any_program() -> None:
    with Server() as server:
        server.popen.terminate()
        assert server.finish() == (-signal.SIGTERM, [], "")


@pytest.mark.posix_only
def test_a_server_whose_output_nobody_reads_ends_plainly() -> None:
    command = [*PYTHON, str(PROGRAMS / "echo_server.py"), "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            assert server.stdout
            head = subprocess.run(
                ["head", "-n", "1"], stdin=server.stdout, capture_output=True, timeout=LIMIT
            )
            server.stdout.close()
            port = int(head.stdout.rpartition(b":")[2])
            socket.create_connection(("127.0.0.1", port), timeout=LIMIT).close()
            errors = server.communicate(timeout=LIMIT)[1].decode()
            assert_fails_plainly((server.returncode, "", errors), 1, "cannot print")
        finally:
            server.kill()


def test_a_client_whose_output_nobody_reads_ends_plainly(address: Address) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [*PYTHON, PROGRAMS / "echo_client.py", *to(address), "-s", "hello"],
            stdout=nobody,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
        )
    assert_fails_plainly((done.returncode, "", done.stderr.decode()), 1, "cannot print")


@pytest.mark.linux_only
@pytest.mark.parametrize(
    "arguments", [["echo_server.py", "-p", "0"], ["echo_client.py", "-s", "hello"]]
)
def test_a_full_disk_is_said_plainly(address: Address, arguments: list[str]) -> None:
    options = to(address) if arguments[0] == "echo_client.py" else []
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PYTHON, PROGRAMS / arguments[0], *arguments[1:], *options],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
        )
    outcome = (done.returncode, "", done.stderr.decode())
    assert_fails_plainly(outcome, 1, "cannot print", os.strerror(errno.ENOSPC))


@pytest.mark.posix_only
def test_a_client_started_without_output_is_silent(address: Address) -> None:
    command = [*PYTHON, str(PROGRAMS / "echo_client.py"), *to(address), "-s", "hello"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE, timeout=LIMIT
    )
    assert (done.returncode, done.stderr) == (0, b"")
