"""The echo programs keep their promises: tested as real processes, by peers of other kinds too.

Every process runs with `-X dev -W error`, so a socket left open shows on stderr, and every test
looks at stderr. No test sleeps: it waits for a line, an end of file or the end of a process, and
each wait has a limit.
"""

import ast
import contextlib
import errno
import importlib.util
import os
import queue
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.peers import LINGER_ZERO

PROGRAMS = Path(__file__).resolve().parents[2] / "programs"
# -E: what the tester's environment says (PYTHONUNBUFFERED, for example) must not help.
PYTHON = [sys.executable, "-E", "-X", "dev", "-W", "error"]
LIMIT = 10.0  # Seconds that any single wait may take.

Address = tuple[str, int]


def load(name: str) -> ModuleType:
    """Return the program as a module, as a notebook would import it."""
    spec = importlib.util.spec_from_file_location(name, PROGRAMS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


server_module = load("echo_server")
client_module = load("echo_client")


@pytest.fixture(scope="module", autouse=True)
def _plain_text() -> Iterator[None]:
    """A tester who likes colors (FORCE_COLOR) gets them in no message that is compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        yield


class Process:
    """A child process and the lines that it prints. Leaving it running is a failure."""

    def __init__(self, command: list[str], stdin: int = subprocess.DEVNULL) -> None:
        self.popen = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.popen.stdout
        for line in self.popen.stdout:
            self._lines.put(line.decode().rstrip("\r\n"))

    def line(self) -> str:
        """Wait for the next line."""
        return self._lines.get(timeout=LIMIT)

    def finish(self) -> tuple[int, list[str], str]:
        """Wait for the end. Return the exit code, the lines not yet seen, and stderr."""
        code = self.popen.wait(LIMIT)
        self._reader.join(LIMIT)
        assert self.popen.stderr
        lines = [self._lines.get() for _ in range(self._lines.qsize())]
        return code, lines, self.popen.stderr.read().decode()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        left_running = self.popen.poll() is None
        self.popen.kill()
        self._reader.join(LIMIT)
        with self.popen:
            pass  # Waits for the end and closes the pipes.
        assert kind or not left_running, f"left running: {self.popen.args!r}"


class Server(Process):
    """The echo server as a process, listening. Leaving the block stops it with Ctrl-C."""

    def __init__(self, *options: str, port: int = 0) -> None:
        super().__init__([*PYTHON, str(PROGRAMS / "echo_server.py"), "-p", str(port), *options])
        with contextlib.ExitStack() as cleanup:
            cleanup.push(super().__exit__)
            first = self.line()
            cleanup.pop_all()
        assert first.startswith("listening on ")
        host, _, digits = first.removeprefix("listening on ").rpartition(":")
        self.address: Address = host.strip("[]"), int(digits)

    def interrupt(self) -> None:
        """Press Ctrl-C while it waits. Windows cannot send it to one process: it is a plain end.

        What comes between Python's last look at signals and the system call, Python sees when
        that call returns (documentation of `signal`): so the process must sleep by then.
        """
        if sys.platform == "win32":
            self.popen.terminate()
            return
        if sys.platform == "linux":  # elsewhere the system does not tell
            process, limit = psutil.Process(self.popen.pid), time.monotonic() + LIMIT
            while process.status() not in (psutil.STATUS_SLEEPING, psutil.STATUS_ZOMBIE):
                assert time.monotonic() < limit
        self.popen.send_signal(signal.SIGINT)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        try:
            if kind is None and self.popen.poll() is None:
                self.interrupt()
                code, lines, errors = self.finish()
                assert errors == ""
                if sys.platform != "win32":
                    assert (code, lines[-1]) == (0, "stopped")
        finally:
            super().__exit__(kind, *rest)


def run_client(*arguments: str | bytes) -> tuple[int, bytes, str]:
    """Run the client to its end. Return its exit code, what it printed, and stderr."""
    done = subprocess.run(
        [*PYTHON, PROGRAMS / "echo_client.py", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout.replace(b"\r\n", b"\n"), done.stderr.decode()


def to(address: Address) -> list[str]:
    """Return the client's options for the address."""
    return ["-i", address[0], "-p", str(address[1])]


def talk(address: Address, data: bytes) -> bytes:
    """Send data from a second thread, half-close, and return all that comes back."""

    def send() -> None:
        conn.sendall(data)
        conn.shutdown(socket.SHUT_WR)

    with socket.create_connection(address, timeout=LIMIT) as conn:
        sender = threading.Thread(target=send)
        sender.start()
        reply = b"".join(iter(lambda: conn.recv(65536), b""))
        sender.join(LIMIT)
    return reply


def reset(conn: socket.socket) -> None:
    """Close with a reset (RST) in place of an orderly end (FIN)."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    conn.close()


def assert_fails_plainly(outcome: tuple[int, Any, str], code: int, *words: str) -> None:
    """The exit code is as promised, and stderr is one plain line (after argparse's usage)."""
    assert outcome[0] == code
    lines = outcome[2].splitlines()
    if code == 2:
        start = next(index for index, line in enumerate(lines) if ": error: " in line)
        assert lines[0].startswith("usage: ")
        lines = lines[start:]
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    """The address of one server that serves many tests. It must still be well at the end."""
    with Server() as server:
        yield server.address


def a_tool(name: str) -> str:
    """Return the path of a program nobody here wrote. In CI it must be there: see conftest.py."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


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
            client.popen.send_signal(signal.SIGINT)
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


# Failures: one plain line and the exit code.


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


# Programs to copy away.


@pytest.mark.parametrize("name", ["echo_server", "echo_client"])
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
