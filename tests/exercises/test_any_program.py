"""Whatever a program does, it is told plainly, and what is wrong is found."""

from __future__ import annotations

import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from judged import get, solution

from helpers import recording
from helpers.exercises.engine import LIMIT
from helpers.exercises.folder import load


def spins(sock: socket.socket, n: int) -> bytes:
    while True:
        pass


def exits(sock: socket.socket, n: int) -> bytes:
    sys.exit("learner's own")


def interrupts(sock: socket.socket, n: int) -> bytes:
    raise KeyboardInterrupt


def waits_for_ever(sock: socket.socket, n: int) -> bytes:
    return sock.recv(n) + socket.create_server(("127.0.0.1", 0)).accept()[0].recv(n)


def recurses(sock: socket.socket, n: int) -> bytes:
    return recurses(sock, n)


class Rude(Exception):
    def __str__(self) -> str:
        raise ValueError("no message for you")


def raises_rudely(sock: socket.socket, n: int) -> bytes:
    raise Rude


class AlwaysEqual:
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        raise ValueError("not shown")


def returns_an_object(sock: socket.socket, n: int) -> Any:
    sock.recv(1)
    return AlwaysEqual()


def prints_markup(sock: socket.socket, n: int) -> bytes:
    print("<img src=x onerror=alert(1)>\x1b[31m\u202e")
    return sock.recv(n)


def starts_threads(sock: socket.socket, n: int) -> bytes:
    here, there = socket.socketpair()
    for _ in range(3):
        threading.Thread(target=here.recv, args=(1,)).start()
    del there
    return sock.recv(n)


def spins_in_a_thread(sock: socket.socket, n: int) -> bytes:
    def burn() -> None:
        while True:
            pass

    threading.Thread(target=burn).start()
    return sock.recv(n)


def closes_all(sock: socket.socket, n: int) -> bytes:
    sock.close()
    return b""


WORST = {
    spins: ("cannot check", "it still ran"),
    exits: ("cannot check", "SystemExit: learner's own"),
    interrupts: ("cannot check", "KeyboardInterrupt"),
    waits_for_ever: ("cannot check", "it waits in accept()"),
    recurses: ("cannot check", "RecursionError"),
    raises_rudely: ("cannot check", "Rude: its message cannot be shown"),
    returns_an_object: ("incorrect", "a value of type AlwaysEqual"),
    prints_markup: ("incorrect", "printed"),
    starts_threads: ("incorrect", "left open"),
    spins_in_a_thread: ("incorrect", ""),
    closes_all: ("incorrect", ""),
}


@pytest.mark.parametrize("function", WORST, ids=lambda function: function.__name__)
def test_whatever_a_program_does_it_is_told_plainly(function: Callable[..., Any]) -> None:
    outcome, words = WORST[function]
    exercise = get("read_exactly")
    started = time.monotonic()
    report = exercise.check(function)
    assert time.monotonic() - started < LIMIT + 0.5
    assert (report.outcome, report.still_running) == (outcome, False), str(report)
    assert words in " ".join(str(report).split())
    assert "\x1b" not in str(report)
    assert "<img" not in report._repr_mimebundle_()["text/html"]
    assert threading.active_count() == 1
    right = load(solution("read_exactly"), "read_exactly", "right")
    assert exercise.check(right).outcome == "correct"


SENDS_THE_FILE = """
            def send_file(sock, path):
                count = 0
                with open(path, "rb") as file:
                    while piece := file.read(65536):
                        sock.sendall(piece)
                        count += len(piece)
"""
FOUND = {
    "read_text": {
        "one line": """
            def read_text(sock):
                with sock.makefile("r", encoding="utf-8", newline="") as file:
                    return file.readline()
        """,
        "until a piece ends with a newline": """
            def read_text(sock):
                data = b""
                while not data.endswith(b"\\n"):
                    if not (piece := sock.recv(4096)):
                        break
                    data += piece
                return data.decode("utf-8")
        """,
        "it answers": """
            def read_text(sock):
                data = b""
                while piece := sock.recv(4096):
                    data += piece
                    sock.sendall(b"ok")
                return data.decode("utf-8")
        """,
        "it ends its own side": """
            import socket

            def read_text(sock):
                sock.shutdown(socket.SHUT_WR)
                data = b""
                while piece := sock.recv(4096):
                    data += piece
                return data.decode("utf-8")
        """,
    },
    "read_lines": {
        "one buffer for all lines": """
            def read_lines(sock):
                line = bytearray()
                while byte := sock.recv(1):
                    if byte == b"\\n":
                        yield line
                        line.clear()
                    else:
                        line += byte
                if line:
                    yield line
        """,
        "the socket is non-blocking afterwards": """
            import select

            def read_lines(sock):
                sock.setblocking(False)
                buffer = b""
                while True:
                    select.select([sock], [], [])
                    if not (piece := sock.recv(4096)):
                        break
                    *lines, buffer = (buffer + piece).split(b"\\n")
                    yield from lines
                if buffer:
                    yield buffer
        """,
    },
    "ask": {
        "one line": """
            import socket

            def ask(address, question):
                with socket.create_connection(address) as sock, sock.makefile("rb") as file:
                    sock.sendall(question)
                    sock.shutdown(socket.SHUT_WR)
                    return file.readline()
        """,
        "four pieces": """
            import socket

            def ask(address, question):
                with socket.create_connection(address) as sock:
                    sock.sendall(question)
                    sock.shutdown(socket.SHUT_WR)
                    return b"".join(sock.recv(4096) for _ in range(4))
        """,
    },
    "free_listener": {
        "the one before is closed": """
            import socket

            last = None

            def free_listener():
                global last
                if last:
                    last.close()
                last = socket.socket()
                last.bind(("127.0.0.1", 0))
                return last, last.getsockname()[1]
        """,
    },
    "open_two": {
        "those before are closed": """
            import socket

            last = ()

            def open_two():
                global last
                for each in last:
                    each.close()
                last = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
                return last
        """,
    },
    "send_file": {
        "it sends more": SENDS_THE_FILE
        + """
                sock.sendall(b"END")
                return count
        """,
        "it removes the file": SENDS_THE_FILE
        + """
                import os

                os.remove(path)
                return count
        """,
    },
    "echo_server": {
        "a name is wrong": """
            import threading

            def serve(conn):
                with conn:
                    while data := conn.recv(4096):
                        conn.sendall(dat)

            def echo_server(listener):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
        """,
    },
}
"""Wrong programs that a check once called correct, or gave the name of another mistake."""

SAYS = {
    "one buffer for all lines": "lines",
    "the socket is non-blocking afterwards": "open, with another timeout",
    "it answers": "the peer received",
    "it ends its own side": "the peer saw",
    "the one before is closed": "the first one is closed now",
    "those before are closed": "the first ones are closed now",
    "it sends more": "more bytes",
    "it removes the file": "removed",
    "a name is wrong": "NameError: name 'dat' is not defined",
}


@pytest.mark.parametrize(
    ("name", "what"), [(name, what) for name, programs in FOUND.items() for what in programs]
)
def test_a_wrong_program_is_incorrect_and_its_report_says_what_it_did(name: str, what: str) -> None:
    function = load(textwrap.dedent(FOUND[name][what]), name, "wrong")
    with recording():
        report = get(name).check(function)
    assert report.outcome == "incorrect", str(report)
    assert SAYS.get(what, "") in " ".join(str(report).split())
    if what == "a name is wrong":
        assert report.mistake == ""


def test_a_server_whose_loop_looks_whether_it_must_stop_is_correct() -> None:
    code = """
        import socketserver
        import threading

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    while data := self.request.recv(4096):
                        self.request.sendall(data)
                except OSError:
                    pass

        def echo_server(listener):
            server = socketserver.ThreadingTCPServer(
                ("127.0.0.1", 0), Handler, bind_and_activate=False
            )
            server.daemon_threads = True
            server.socket.close()
            server.socket = listener
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            thread.join()
    """
    with recording():
        report = get("echo_server").check(load(textwrap.dedent(code), "echo_server", "right"))
    assert report.outcome == "correct", str(report)
