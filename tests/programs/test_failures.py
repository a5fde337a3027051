"""A failure of a program is one plain line and the exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from running import (
    LIMIT,
    PROGRAMS,
    PYTHON,
    Address,
    Process,
    assert_fails_plainly,
    client_module,
    reset,
    run_client,
    server_module,
    to,
)


def run_server(*arguments: str) -> tuple[int, list[str], str]:
    """Run a server that cannot start. Return its exit code, what it printed, and stderr."""
    with Process([*PYTHON, str(PROGRAMS / "echo_server.py"), *arguments]) as server:
        return server.finish()


@pytest.mark.parametrize("port", ["eighty", "", "-1", "1.5", "65536", "9" * 30, "8_8"])
def test_server_refuses_a_port_that_is_none(port: str) -> None:
    assert_fails_plainly(run_server(f"-p={port}"), 2, "argument -p", "from 0 to 65535")


@pytest.mark.parametrize("port", ["eighty", "0", "65536"])
def test_client_refuses_a_port_that_is_none(port: str) -> None:
    outcome = run_client("-i", "127.0.0.1", "-p", port, "-s", "hello")
    assert_fails_plainly(outcome, 2, "argument -p", "from 1 to 65535")


@pytest.mark.parametrize("limit", ["soon", "", "0", "-1", "nan", "inf", "1e300"])
def test_server_refuses_a_limit_that_is_none(limit: str) -> None:
    assert_fails_plainly(run_server("-p=0", f"--limit={limit}"), 2, "argument --limit", "seconds")


def test_a_missing_option_is_bad_usage() -> None:
    assert_fails_plainly(run_server(), 2, "required: -p")
    assert_fails_plainly(run_client("-p", "80", "-i", "127.0.0.1"), 2, "required: -s")


def test_a_name_that_no_host_can_have_is_bad_usage() -> None:
    assert_fails_plainly(run_client("-p", "80", "-i", "a..b", "-s", "hello"), 2, "'a..b'")
    assert_fails_plainly(run_server("-p", "0", "--host", "안녕..b"), 2, "is not a host name")
    assert_fails_plainly(run_server("-p", "0", "--host", ""), 2, "'' is not a host name")


def test_a_port_in_use_is_said_plainly(address: Address) -> None:
    outcome = run_server("-p", str(address[1]))
    assert_fails_plainly(outcome, 1, "echo_server: ", str(address[1]))
    if sys.platform != "win32":
        assert os.strerror(errno.EADDRINUSE) in outcome[2]


def test_an_address_of_another_machine_is_said_plainly() -> None:
    assert_fails_plainly(run_server("-p", "0", "--host", "192.0.2.1"), 1, "192.0.2.1")


def test_an_unknown_host_is_said_plainly() -> None:
    assert_fails_plainly(run_server("-p", "0", "--host", "nosuch.invalid"), 1, "nosuch.invalid")
    outcome = run_client("-p", "80", "-i", "nosuch.invalid", "-s", "hello")
    assert_fails_plainly(outcome, 1, "echo_client: nosuch.invalid port 80: ")


def test_a_port_without_permission_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    # Stands in for the system: root, and many containers, may take any port.
    def forbidden(*_: Any, **__: Any) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket, "create_server", forbidden)
    monkeypatch.setattr(sys, "argv", ["echo_server.py", "-p", "80"])
    with pytest.raises(SystemExit) as stopped:
        server_module.main()
    # Python prints a text given to sys.exit() on stderr, and the exit code is 1.
    assert stopped.value.code == "echo_server: Permission denied"


@pytest.mark.parametrize(
    ("module", "call", "arguments", "before"),
    [
        (server_module, "create_server", ["-p", "80"], "echo_server: "),
        (client_module, "create_connection", ["-p", "80", "-i", "::1", "-s", "x"], "port 80: "),
    ],
)
def test_an_error_without_a_number_is_said_with_its_own_words(
    monkeypatch: pytest.MonkeyPatch, module: Any, call: str, arguments: list[str], before: str
) -> None:
    # create_connection() raises such a one when a name leads to no address at all.
    def failing(*_: Any, **__: Any) -> socket.socket:
        raise OSError("getaddrinfo returns an empty list")

    monkeypatch.setattr(socket, call, failing)
    monkeypatch.setattr(sys, "argv", ["the program", *arguments])
    with pytest.raises(SystemExit) as stopped:
        module.main()
    assert str(stopped.value.code).endswith(f"{before}getaddrinfo returns an empty list")


def test_refused_is_said_plainly() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # It has the port, but it does not listen.
        host, port = silent.getsockname()
        outcome = run_client(*to((host, port)), "-s", "hello")
    assert outcome[1] == b""
    assert_fails_plainly(outcome, 1, f"echo_client: {host} port {port}: ")
    if sys.platform != "win32":
        assert os.strerror(errno.ECONNREFUSED) in outcome[2]


@contextlib.contextmanager
def one_client(answer: bytes, then_reset: bool = False) -> Iterator[Address]:
    """A server for one client: it reads to the end, answers, and closes or resets."""

    def serve() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.settimeout(LIMIT)
            while conn.recv(65536):
                pass
            conn.sendall(answer)
            if then_reset:
                reset(conn)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()
        thread.join(LIMIT)


def test_a_reset_by_the_server_is_said_plainly() -> None:
    with one_client(b"", then_reset=True) as address:
        outcome = run_client(*to(address), "-s", "hello")
    assert_fails_plainly(outcome, 1, f"echo_client: 127.0.0.1 port {address[1]}: ")
    if sys.platform != "win32":
        assert os.strerror(errno.ECONNRESET) in outcome[2]


@pytest.mark.parametrize("answer", [b"", b"hell", b"Hello", b"hello again"])
def test_an_answer_that_is_not_the_echo_is_printed_and_is_a_failure(answer: bytes) -> None:
    with one_client(answer) as address:
        outcome = run_client(*to(address), "-s", "hello")
    assert outcome[1].endswith(b"\necho: " + answer + b"\n")
    assert_fails_plainly(outcome, 1, "not what was sent")


def test_exchange_returns_what_came_when_the_server_ends_early() -> None:
    message = bytes(client_module.PIECE * 3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        peer, _ = listener.accept()
    with ours, peer:
        ours.settimeout(LIMIT)
        peer.sendall(b"hell")
        peer.shutdown(socket.SHUT_WR)
        assert client_module.exchange(ours, message) == b"hell"
