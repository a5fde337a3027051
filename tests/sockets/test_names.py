"""Names that were imported before the recorder are recorded all the same, and plain again after."""

from __future__ import annotations

import select
import socket
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from servers import calls

from helpers import LiveServer, recording, timeline

SERVER = """
def serve():
    s = {make}
    s.bind(("127.0.0.1", 0))
    s.listen()
    with s:
        while True:
            conn, _ = s.accept()
            with conn:
                conn.sendall(conn.recv(100))

def ask(address):
    c = {make}
    with c:
        c.connect(address)
        c.sendall(b"x")
        return c.recv(9)
"""

IMPORTS = {
    "from socket import *": "socket(AF_INET, SOCK_STREAM)",
    "from socket import socket": "socket()",
    "from socket import socket, AF_INET as INET": "socket(INET)",
    "from socket import socket as S, create_server": "S()",
    "import socket as s; Plain = s.socket": "Plain()",
    "import socket as net": "net.socket()",
    "from socket import socketpair, socket as made": "made()",
}


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of a program that is not started yet."""
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    return vars(module)


@pytest.mark.parametrize(("first", "make"), IMPORTS.items())
def test_a_program_that_imports_names_before_the_recorder_is_recorded(
    first: str, make: str, main: dict[str, Any]
) -> None:
    exec(first + SERVER.format(make=make), main)
    before = dict(main)
    with recording():
        server = LiveServer(main["serve"]).start()
        assert main["ask"](server.address) == b"x"
        assert [each.call for each in timeline().events].count("recv") == 2
        server.stop()
        assert server.where.reason == "finished: stopped"
    assert main == before


def test_socketpair_and_the_names_of_select_are_replaced_too(main: dict[str, Any]) -> None:
    exec("from socket import socketpair\nfrom select import *\nfrom select import poll as p", main)
    before = dict(main)
    with recording():
        here, there = main["socketpair"]()
        with here, there:
            there.sendall(b"x")
            assert main["select"]([here], [], [])[0] == [here]
        assert len(calls("socketpair")) == 1
        assert main["p"] is select.poll
    assert main == before
    assert main["p"] is select.poll


def test_names_that_are_imported_while_it_records_are_plain_again_afterwards(
    main: dict[str, Any],
) -> None:
    with recording():
        exec("from socket import *", main)
        assert main["socket"] is socket.socket
    assert main["socket"] is socket.socket


def test_in_a_module_of_the_learner_only_what_an_import_named_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chat_client.py"
    path.write_text(
        "import socket as net\nfrom socket import socket\nfrom socket import socket as S\n"
        "KEPT = net.socket\n"
    )
    module = types.ModuleType("chat_client")
    module.__file__ = str(path)
    exec(path.read_text(), vars(module))
    monkeypatch.setitem(sys.modules, "chat_client", module)
    names, plain = vars(module), socket.socket
    with recording():
        assert names["socket"] is names["S"] is socket.socket is not plain
        assert names["KEPT"] is plain
    assert names["socket"] is names["S"] is names["KEPT"] is plain
