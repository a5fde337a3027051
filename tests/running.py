"""The programs as real processes, and peers that talk to them.

Every process runs with `-X dev -W error`, so a socket left open shows on stderr. Nothing here
sleeps: it waits for a line, an end of file or the end of a process, and each wait has a limit.
"""

from __future__ import annotations

import contextlib
import importlib.util
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest

from helpers.peers import LINGER_ZERO

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
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
message_server_module = load("message_server")
message_client_module = load("message_client")
chat_client_module = load("chat_client")


SLOW_STEP = re.compile(r"^Executing <.* took \d+\.\d+ seconds\r?\n", re.MULTILINE)
"""What asyncio says in development mode of a step that took 0.1 s: of the time on the wall, so on a
busy machine of any step."""


def _threads(pid: int) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Of each thread whether it sleeps ("S"), and how often it was let go on and taken off.

    Two threads may wake each other in turn, so that one look finds both asleep. None has run from
    one look to the next if the numbers are the same. Only Linux tells (man 5 proc).
    """
    threads = {}
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):  # it has just ended
            text = status.read_text()
            state = text.partition("State:")[2].split()[0]
            threads[status.parent.name] = state, tuple(re.findall(r"ctxt_switches:\s*(\d+)", text))
    return threads


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
        return code, lines, SLOW_STEP.sub("", self.popen.stderr.read().decode())

    def interrupt(self) -> None:
        """Press Ctrl-C while it waits. Windows cannot send it to one process: it is a plain end.

        What comes between Python's last look at signals and the system call, Python sees when
        that call returns (documentation of `signal`): so the program must be at rest by then.
        """
        if sys.platform == "win32":
            self.popen.terminate()
            return
        before, limit = _threads(self.popen.pid), time.monotonic() + LIMIT
        while self.popen.poll() is None:
            assert time.monotonic() < limit
            now = _threads(self.popen.pid)
            if now == before and all(state == "S" for state, _ in now.values()):
                break
            before = now
        self.popen.send_signal(signal.SIGINT)

    def __enter__(self) -> Process:
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

    program = "echo_server.py"
    run: tuple[str, ...] = ()
    """What Python is told before the program."""

    def __init__(self, *options: str, port: int = 0) -> None:
        program = str(PROGRAMS / self.program)
        super().__init__([*PYTHON, *self.run, program, "-p", str(port), *options])
        with contextlib.ExitStack() as cleanup:
            cleanup.push(super().__exit__)
            first = self.line()
            cleanup.pop_all()
        assert first.startswith("listening on ")
        host, _, digits = first.removeprefix("listening on ").rpartition(":")
        self.address: Address = host.strip("[]"), int(digits)

    def __enter__(self) -> Self:
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


class MessageServer(Server):
    """The message server as a process."""

    program = "message_server.py"


class ChatServer(Server):
    """A chat server of this name as a process."""

    def __init__(self, name: str, *options: str, port: int = 0) -> None:
        self.program = f"{name}.py"
        super().__init__(*options, port=port)


def run_client(*arguments: str | bytes, program: str = "echo_client.py") -> tuple[int, bytes, str]:
    """Run the client to its end. Return its exit code, what it printed, and stderr."""
    done = subprocess.run(
        [*PYTHON, PROGRAMS / program, *arguments],
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


def a_tool(name: str) -> str:
    """Return the path of a program nobody here wrote. In CI it must be there: see conftest.py."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
