"""docs/the-example.md: its two programs work, and have each flaw that the page names."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import LIMIT, Address, Process

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = [DOCS / "the-example.md", DOCS / "the-example.ko.md"]
PLAIN = [sys.executable, "-E", "-u"]
"""Warnings are no errors here: one of the flaws is a socket that is not closed."""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the server opens a port to the network: a firewall may ask"
)


class Example(Process):
    """One of the two programs as a process."""

    def __init__(self, name: str, *arguments: object) -> None:
        program = DOCS / "example" / f"first_{name}.py"
        super().__init__([*PLAIN, str(program), *map(str, arguments)])


class FirstServer(Example):
    """The server, waiting for its client."""

    def __init__(self) -> None:
        super().__init__("server", 0)
        self.address: Address = ("127.0.0.1", int(self.line().rpartition(" ")[2]))

    def connect(self, host: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection((host, self.address[1]), timeout=LIMIT)


@pytest.fixture
def server() -> Iterator[FirstServer]:
    with FirstServer() as running:
        yield running


def ending(program: Example) -> str:
    """What a program that fails says last."""
    code, _, errors = program.finish()
    assert code == 1
    return errors.splitlines()[-1]


def all_of(conn: socket.socket) -> bytes:
    """What comes until the end, or until a reset."""
    received = b""
    try:
        while data := conn.recv(4096):
            received += data
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_shows_the_programs_as_they_are(page: Path) -> None:
    shown = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for name, code in zip(("server", "client"), shown, strict=True):
        assert (DOCS / "example" / f"first_{name}.py").read_text(encoding="utf-8").endswith(code)


def test_the_two_programs_work(server: FirstServer) -> None:
    with Example("client", *server.address, "hello", "world") as client:
        assert client.finish() == (0, ["connected to 127.0.0.1", "sent: hello world"], "")
    assert server.finish() == (0, ["127.0.0.1 says: hello world"], "")


def test_flaw_1_another_address_of_the_computer_is_served(server: FirstServer) -> None:
    with server.connect("127.0.0.2") as client:
        client.sendall(b"hello")
        assert all_of(client) == b"hello"
    server.finish()


def test_flaw_2_the_second_client_is_refused(server: FirstServer) -> None:
    with server.connect() as client:
        client.sendall(b"hello")
        assert all_of(client) == b"hello"
    server.finish()
    with Example("client", *server.address, "hello") as second:
        assert ending(second).startswith("ConnectionRefusedError")


def test_flaw_3_of_a_long_message_at_most_1024_bytes_come_back(server: FirstServer) -> None:
    with server.connect() as client:
        client.sendall(b"x" * 3000)
        assert len(all_of(client)) <= 1024
    server.finish()


def test_flaw_4_of_two_pieces_the_first_one_comes_back(server: FirstServer) -> None:
    with server.connect() as client:
        client.sendall(b"hel")
        assert server.line() == "127.0.0.1 says: hel"  # the second piece comes after that
        client.sendall(b"lo")
        assert all_of(client) == b"hel"
    server.finish()


@pytest.mark.parametrize("sent", [b"\xff\xfe", "안녕".encode()[:4]], ids=["no text", "half"])
def test_flaw_5_bytes_that_are_no_text_end_the_server(server: FirstServer, sent: bytes) -> None:
    with server.connect() as client:
        client.sendall(sent)
        assert all_of(client) == b""
    assert ending(server).startswith("UnicodeDecodeError")


def test_flaw_6_the_client_ends_before_the_server_has_answered() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Example("client", *listener.getsockname(), "hello") as client,
    ):
        conn, _ = listener.accept()
        with conn:
            assert client.finish()[0] == 0  # and nobody has sent anything to it
            assert all_of(conn) == b"hello"


def test_flaw_7_a_silent_client_keeps_the_server_until_it_ends(server: FirstServer) -> None:
    with server.connect() as client:
        client.shutdown(socket.SHUT_WR)  # only this end frees it: it has no limit of its own
        assert server.line() == "127.0.0.1 says: "
    server.finish()


def test_flaw_8_the_server_cannot_start_again_at_its_port(server: FirstServer) -> None:
    with server.connect() as client:
        client.sendall(b"hello")
        assert all_of(client) == b"hello"  # the server has closed first
    server.finish()
    with Example("server", server.address[1]) as again:
        assert ending(again).endswith("Address already in use")


def test_flaw_9_a_word_in_place_of_the_port_is_a_traceback() -> None:
    with Example("server", "http") as program:
        assert ending(program) == "ValueError: invalid literal for int() with base 10: 'http'"
