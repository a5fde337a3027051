"""The TLS versions of the echo programs: to each other, and to peers that are not what they say."""

from __future__ import annotations

import datetime
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from running import LIMIT, PROGRAMS, PYTHON, Address, Server

NAME = "bank.example"


class TLSServer(Server):
    """The TLS echo server as a process, listening."""

    program = "echo_server_tls.py"


class Files:
    """Files of an authority, and of servers with a right and with a wrong certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority, other = trustme.CA(), trustme.CA()
        self.authority = self.write("authority", authority.cert_pem)
        old = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        for name, made in (
            ("right", authority.issue_cert(NAME)),
            ("another_name", authority.issue_cert("shop.example")),
            ("unknown", other.issue_cert(NAME)),
            ("expired", authority.issue_cert(NAME, not_before=old, not_after=old)),
        ):
            setattr(self, name, self.write(name, made.private_key_and_cert_chain_pem))
        self.key = self.write("key", made.private_key_pem)

    def write(self, name: str, blob: trustme.Blob) -> str:
        path = self.folder / f"{name}.pem"
        blob.write_to_path(path)
        return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def tls_address(files: Files) -> Iterator[Address]:
    """The address of one server that serves many tests. It must still be well at the end."""
    with TLSServer("--certificate", files.right) as server:
        yield server.address


def run_tls_client(address: Address, *options: str) -> tuple[int, bytes, str]:
    host, port = address
    program = str(PROGRAMS / "echo_client_tls.py")
    done = subprocess.run(
        [*PYTHON, program, "-i", host, "-p", str(port), *options],
        capture_output=True,
        timeout=LIMIT,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def asks(address: Address, files: Files, *words: str) -> tuple[int, bytes, str]:
    return run_tls_client(address, "--name", NAME, "--authority", files.authority, "-s", *words)


def test_the_two_programs_talk(files: Files) -> None:
    with TLSServer("--certificate", files.right) as server:
        code, printed, errors = asks(server.address, files, "hello", "world")
        assert (code, errors) == (0, "")
        assert printed.decode().splitlines() == [
            f"connection with {NAME} succeeded, TLSv1.3",
            "sent: b'hello world'",
            "echo: hello world",
        ]
        assert server.line().endswith(" connected, TLSv1.3")
        assert server.line().endswith(" closed, bytes echoed: 11")


def test_a_long_message_comes_back(tls_address: Address, files: Files) -> None:
    word = "x" * 100_000
    code, printed, errors = asks(tls_address, files, word)
    assert (code, errors) == (0, "")
    assert printed.endswith(f"\necho: {word}\n".encode())


@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ("another_name", "Hostname mismatch"),
        ("unknown", "unable to get local issuer certificate"),
        ("expired", "certificate has expired"),
    ],
)
def test_a_wrong_certificate_gets_nothing(files: Files, certificate: str, says: str) -> None:
    with TLSServer("--certificate", getattr(files, certificate)) as server:
        code, printed, errors = asks(server.address, files, "a secret")
        assert (code, printed) == (1, b"")
        assert f"not trusted: {says}" in errors
        assert len(errors.splitlines()) == 1
        assert "lost: " in server.line()


def test_the_host_is_the_name_that_is_checked_where_none_is_given(
    tls_address: Address, files: Files
) -> None:
    code, _, errors = run_tls_client(tls_address, "--authority", files.authority, "-s", "hello")
    assert code == 1
    assert "IP address mismatch" in errors


def test_a_silent_client_delays_nobody(tls_address: Address, files: Files) -> None:
    with socket.create_connection(tls_address, LIMIT), socket.create_connection(tls_address):
        code, _, errors = asks(tls_address, files, "hello")
        assert (code, errors) == (0, "")


def test_a_client_that_is_silent_in_its_handshake_is_closed_after_the_limit(files: Files) -> None:
    options = ("--certificate", files.right, "--handshake", "0.1")
    with TLSServer(*options) as server, socket.create_connection(server.address, LIMIT) as silent:
        assert silent.recv(1) == b""
        assert server.line().endswith("lost: The handshake operation timed out")


@pytest.mark.parametrize("data", [b"hello\n" * 10, b"", b"\x16\x03\x01"])
def test_who_speaks_no_tls_ends_alone(tls_address: Address, files: Files, data: bytes) -> None:
    with socket.create_connection(tls_address, LIMIT) as plain:
        plain.sendall(data)
    code, _, errors = asks(tls_address, files, "hello")
    assert (code, errors) == (0, "")


def test_the_server_answers_close_notify(tls_address: Address, files: Files) -> None:
    context = ssl.create_default_context(cafile=files.authority)
    with (
        socket.create_connection(tls_address, LIMIT) as plain,
        context.wrap_socket(plain, server_hostname=NAME, suppress_ragged_eofs=False) as conn,
    ):
        conn.sendall(b"hello")
        assert conn.recv(5) == b"hello"
        assert conn.unwrap() is not None


def test_a_server_that_cuts_is_a_failure(files: Files) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.right)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [*PYTHON, str(PROGRAMS / "echo_client_tls.py"), "-i", "127.0.0.1", "-p"]
        command += [str(listener.getsockname()[1]), "--name", NAME]
        command += ["--authority", files.authority, "-s", "hello"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
            conn, _ = listener.accept()
            with context.wrap_socket(conn, server_side=True) as secured:
                assert secured.recv(5) == b"hello"
                secured.sendall(b"hel")
            _, errors = client.communicate(timeout=LIMIT)
        assert client.returncode == 1
        assert errors.decode().count("\n") == 1
        assert "EOF occurred" in errors.decode()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--certificate", "nowhere.pem"), "No such file"),
        (("--certificate", "{authority}"), "PEM lib"),
        (("--certificate", "{right}", "--key", "{key}"), "key values mismatch"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_said_in_one_line(
    files: Files, options: tuple[str, ...], says: str
) -> None:
    given = [each.format(**vars(files)) for each in options]
    command = [*PYTHON, str(PROGRAMS / "echo_server_tls.py"), "-p", "0", *given]
    done = subprocess.run(command, capture_output=True, timeout=LIMIT, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
