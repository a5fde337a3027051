"""Mistakes that any function can have are named by what they leave."""

from __future__ import annotations

import pytest
from judged import get, program

from helpers import recording
from helpers.exercises.folder import load
from helpers.exercises.wording import check_words

READS = """
def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        piece = sock.recv(n - len(data))
        if not piece:
            {at_the_end}
        data += piece
    {then}
"""

SERVES = """
import threading


def serve(conn):
    with conn:
        try:
            {whole}while data := conn.recv(1024):
                {each}
            {after}
        except OSError:
            pass


def echo_server(listener):
    while True:
        conn, _ = listener.accept()
        print("connected")
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
"""

PROGRAMS = {
    "a server prints": (
        "echo_server",
        SERVES.format(whole="", each="print('received', data)", after="pass"),
    ),
    "a server collects": (
        "echo_server",
        SERVES.format(
            whole="whole = b''\n            ", each="whole += data", after="conn.sendall(whole)"
        ),
    ),
    "another mark of the end": (
        "send_file",
        "def send_file(sock, path):\n    total = 0\n    with open(path, 'rb') as file:\n"
        "        while piece := file.read(65536):\n            sock.sendall(piece)\n"
        "            total += len(piece)\n    sock.sendall(b'EOF')\n    return total\n",
    ),
    "it prints": ("read_exactly", READS.format(at_the_end="raise EOFError", then="print(data)")),
    "it prints text": (
        "read_exactly",
        READS.format(at_the_end="raise EOFError", then="print('got', data.decode())"),
    ),
    "it prints lines": (
        "read_lines",
        "def read_lines(sock):\n    with sock.makefile('rb') as file:\n"
        "        for line in file:\n            print(line.rstrip(b'\\n'))\n",
    ),
    "it prints and fails": (
        "read_exactly",
        READS.format(at_the_end="raise EOFError", then="print('done')"),
    ),
    "an error": (
        "read_exactly",
        READS.format(at_the_end="return EOFError('early')", then="return data"),
    ),
    "a class": ("read_exactly", READS.format(at_the_end="return EOFError", then="return data")),
    "too few": ("read_exactly", "def read_exactly(sock):\n    return sock.recv(5)\n"),
    "too many": ("read_text", "def read_text(sock, n):\n    return sock.recv(n).decode()\n"),
    "wrong inside": ("read_text", "def read_text(sock):\n    return read_text(sock, 1)\n"),
    "its own error is caught": (
        "greet",
        "def greet(listener):\n    for _ in range(3):\n        try:\n"
        "            conn, address = listener.accept()\n"
        "            conn.sendall('your port is ' + address[1])\n            conn.close()\n"
        "        except Exception as error:\n            print(error)\n",
    ),
    "a future keeps its error": (
        "echo_server",
        "from concurrent.futures import ThreadPoolExecutor\n\n\n"
        "def echo_server(listener):\n    def serve(conn):\n        with conn:\n"
        "            while data := conn.recv(1024):\n                conn.sendall(dat)\n\n"
        "    with ThreadPoolExecutor(100) as pool:\n        while True:\n"
        "            conn, _ = listener.accept()\n            pool.submit(serve, conn)\n",
    ),
    "an error is meant to be caught": (
        "read_exactly",
        "def read_exactly(sock, n):\n    data = b''\n    while len(data) < n:\n"
        "        piece = sock.recv(n)\n        try:\n            piece.decode('ascii')\n"
        "        except UnicodeDecodeError:\n            pass\n        data += piece\n"
        "        if not piece:\n            raise EOFError\n    return data\n",
    ),
    "byte by byte": (
        "send_file",
        "def send_file(sock, path):\n    total = 0\n    with open(path, 'rb') as file:\n"
        "        while piece := file.read(1):\n            sock.sendall(piece)\n"
        "            total += 1\n    return total\n",
    ),
    "it looks, and sleeps": (
        "read_exactly",
        "import socket, time\n\n\ndef read_exactly(sock, n):\n"
        "    while len(sock.recv(n, socket.MSG_PEEK)) < n:\n        time.sleep(0.001)\n"
        "    return sock.recv(n)\n",
    ),
    "a server looks, and sleeps": (
        "echo_server",
        "import time\n\n\ndef echo_server(listener):\n    listener.setblocking(False)\n"
        "    conns = []\n    while True:\n        try:\n            conn, _ = listener.accept()\n"
        "            conns.append(conn)\n            conn.setblocking(False)\n"
        "        except BlockingIOError:\n            time.sleep(0.001)\n"
        "        for conn in conns:\n            try:\n"
        "                conn.sendall(conn.recv(1024))\n            except OSError:\n"
        "                pass\n",
    ),
    "no call": (
        "open_two",
        "import socket\n\n\ndef open_two():\n    return socket.socket, socket.socket\n",
    ),
    "it prints each word": (
        "probe",
        "import socket\n\n\ndef probe(addresses, limit):\n    for address in addresses:\n"
        "        with socket.socket() as sock:\n            sock.settimeout(limit)\n"
        "            try:\n                sock.connect(address)\n"
        "                print('open')\n            except ConnectionRefusedError:\n"
        "                print('refused')\n",
    ),
    "no f": (
        "greet",
        "def greet(listener):\n    for _ in range(3):\n"
        "        conn, address = listener.accept()\n        with conn:\n"
        "            conn.sendall('your port is {address[1]}\\n'.encode())\n",
    ),
    "no comma": (
        "echo_server",
        "import threading\n\n\ndef echo_server(listener):\n    while True:\n"
        "        conn, _ = listener.accept()\n"
        "        threading.Thread(target=print, args=(conn)).start()\n",
    ),
}


@pytest.mark.parametrize(
    ("program", "mistake"),
    [
        ("it prints", "printed, and not returned"),
        ("a server prints", "printed, and not sent"),
        ("a server collects", "it reads to the end before it answers"),
        ("another mark of the end", "it sends more than the file"),
        ("it prints text", "printed, and not returned"),
        ("it prints lines", "printed, and not returned"),
        ("it prints and fails", ""),
        ("an error", "an error is returned, and not raised"),
        ("a class", "an error is returned, and not raised"),
        ("too few", "it takes another number of arguments"),
        ("too many", "it takes another number of arguments"),
        ("wrong inside", ""),
        ("no comma", "args is not a tuple"),
        ("no f", "the f before the text is missing"),
        ("no call", "the parentheses are missing"),
        ("it prints each word", "printed, and not returned"),
        ("it looks, and sleeps", "it sleeps in place of waiting for the socket"),
        ("a server looks, and sleeps", "it sleeps in place of waiting for the socket"),
        ("its own error is caught", "an error of your own is hidden"),
        ("a future keeps its error", "an error of your own is hidden"),
        ("an error is meant to be caught", "it returns more than n bytes"),
        ("byte by byte", "it sends byte by byte"),
    ],
)
def test_a_common_mistake_is_named_where_the_run_shows_it(program: str, mistake: str) -> None:
    name, code = PROGRAMS[program]
    with recording():
        report = get(name).check(load(code, name, "wrong"))
    assert report.outcome != "correct"
    assert report.mistake == mistake, str(report)


LOOPS_LATER = """
def send_all(sock, data, calls=[]):
    calls.append(1)
    if len(calls) == 1:
        sock.send(data)
        return
    while True:
        try:
            sock.recv(1)
        except BlockingIOError:
            pass
"""


def test_a_loop_without_end_is_no_evidence_that_something_is_kept() -> None:
    """Only the time tells that it has no end, and the machine may be busy."""
    with program(LOOPS_LATER, "send_all") as function:
        report = get("send_all").check(function)
    assert report.outcome == "incorrect"
    assert report.mistake != check_words()["kept"]["name"]


SEARCHES = """
import socket


def free_listener():
    while True:
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        if sock.getsockname()[1] < 1024:
            return sock, sock.getsockname()[1]
        sock.close()
"""


def test_a_loop_that_makes_socket_after_socket_is_ended_and_told() -> None:
    with program(SEARCHES, "free_listener") as function:
        report = get("free_listener").check(function)
    assert (report.outcome, report.still_running) == ("incorrect", False), str(report)
    assert "one socket after another" in " ".join(str(report).split())
