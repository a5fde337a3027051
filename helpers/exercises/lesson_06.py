"""Lesson 06, sendall(): send all with send() alone, send a file."""

from __future__ import annotations

import functools
import os
import random
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers import peers
from helpers.exercises.arrivals import ALL, behind, compare, drain
from helpers.exercises.engine import Exercise, Scenario
from helpers.exercises.stage import Stage
from helpers.record.model import info_of
from helpers.record.record import record

RECEIVE_BUFFER, SEND_BUFFER = 262144, 65536
"""Bytes that the two ends ask for: with these, 2 MB are much more than the system takes. With a
smaller receive buffer the window closes, and Linux opens it again only after a while."""

MUCH = 3 * 1024 * 1024
"""Bytes of memory: more than any right program needs, and less than the 5 MB of the data."""

TIMEOUT = 30.0

ARRIVED = "what arrived"

SENDING = frozenset({"send", "sendall", "sendto", "sendmsg"})

DESCRIPTORS = 1024
"""So many are looked at to find an open file: a program seldom has more of them."""

TRIES = 100
"""Calls that found no room, after which a loop is taken for one that does not wait."""

TRIES_AT_REST = 5
"""So many of them a program may make that waits, while the system still moves bytes."""


@functools.cache
def _letter(megabytes: int) -> bytes:
    """A text in which no two lines are the same."""
    return b"".join(b"%7d\n" % number for number in range(megabytes * 125_000))


@functools.cache
def _picture(megabytes: int) -> bytes:
    """Bytes that are no text: the beginning of a PNG, a few lines, and one very long one."""
    lines = "".join(f"line {number}\r\n" for number in range(1000)).encode()
    rest = random.Random(6).randbytes(megabytes * 1_000_000).replace(b"\n", b"\r")
    return (b"\x89PNG\r\n\x1a\n" + lines + rest)[: megabytes * 1_000_000]


def _pair(stage: Stage, timeout: float | None) -> tuple[socket.socket, socket.socket]:
    """A peer with a small receive buffer, and `sock` with a small send buffer."""
    peer, sock = stage.pair(RECEIVE_BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    # Small pieces must not wait for an acknowledgement that comes late (RFC 9293, 3.7.4).
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.settimeout(timeout)
    return peer, sock


def _waits_for_room() -> bool:
    """Whether a send waits: what the system has room for is full."""
    waits = [state.wait for state in list(record.active)]
    return any(wait is not None and wait.write for wait in waits)


def _behind(stage: Stage, peer: socket.socket) -> None:
    if stage.facts.get(ARRIVED) == ALL:
        stage.note("what came after it", behind(stage, peer))


def _fails_alike(stage: Stage) -> None:
    """A broken connection has other names on other systems, and for the second call."""
    if isinstance(stage.error, ConnectionError):
        stage.note("ended", "raised ConnectionError")


def _result(stage: Stage, right: int | None) -> None:
    """What it returned, in words: a count of bytes is not the same in every run."""
    if "returned" not in stage.facts:
        return
    del stage.facts["returned"]
    value = stage.value
    if value == right and type(value) is type(right):
        found = "None" if right is None else "the number of bytes"
    elif type(value) is int:
        found = "a number" if right is None else "another number"
    else:
        found = "None" if value is None else f"a value of type {type(value).__name__}"
    stage.note("its result", found)


def _memory(stage: Stage, whole: str) -> str:
    return f"most of {whole}" if stage.peak > MUCH else "little"


def _socket(stage: Stage, sock: socket.socket, timeout: float | None) -> None:
    """Whether it left the socket as it was."""
    stage.note("the socket", "open" if sock.fileno() >= 0 else "closed")
    kept = sock.gettimeout() == timeout
    stage.note("its blocking mode and timeout", "as before" if kept else "changed")


# --- send_all -----------------------------------------------------------------------------------


def _tries_in_vain(sock: socket.socket) -> int:
    """How often a call with the socket found no room."""
    info = info_of(sock)
    return info.endpoint.would_block_count if info is not None and info.endpoint is not None else 0


def _send_all(stage: Stage, timeout: float | None) -> None:
    """The peer reads nothing until there is no room left."""
    data = _letter(2)
    peer, sock = _pair(stage, timeout)
    stage.start(sock, data)
    stage.settle(unless=lambda: _tries_in_vain(sock) > TRIES or _waits_for_room())
    stage.note(ARRIVED, compare(stage, peer, data))
    stage.finish()
    _result(stage, None)
    _behind(stage, peer)
    used = sorted({call.call for call in stage.calls} & SENDING)
    stage.note("calls with which it sends", ", ".join(used) or "none")
    _socket(stage, sock, timeout)


_ALL_SENT = {
    "ended": "returned",
    "its result": "None",
    ARRIVED: ALL,
    "what came after it": "nothing more",
    "calls with which it sends": "send",
    "the socket": "open",
    "its blocking mode and timeout": "as before",
}


def _no_data(stage: Stage) -> None:
    """There is nothing to send. Whether it asks send() to take nothing is its own affair."""
    peer, sock = _pair(stage, 0.0)
    stage.start(sock, b"")
    stage.finish()
    _result(stage, None)
    stage.note("what the peer got", behind(stage, peer))
    _socket(stage, sock, 0.0)


def _all_broken(stage: Stage) -> None:
    """The peer reads a little, and breaks off when there is no room again."""
    data = _letter(5)
    peer, sock = _pair(stage, 0.0)
    with stage.measured():
        stage.start(sock, data)
        stage.settle(unless=lambda: _tries_in_vain(sock) > TRIES)
        waits = stage.rested or _tries_in_vain(sock) <= TRIES_AT_REST
        drain(stage, peer, 1_000_000)
        stage.settle(unless=lambda: not waits)
    stage.note(
        "when there is no room", "it waits for room" if waits else "it tries again and again"
    )
    if waits:
        stage.note("memory that it needed besides data", _memory(stage, "data once more"))
    peers.reset(peer, stage)
    stage.finish()
    _fails_alike(stage)


send_all = Exercise(
    "send_all",
    (
        Scenario("not blocking", lambda stage: _send_all(stage, 0.0), _ALL_SENT),
        Scenario("with a timeout", lambda stage: _send_all(stage, TIMEOUT), _ALL_SENT),
        Scenario(
            "no data",
            _no_data,
            {
                "ended": "returned",
                "its result": "None",
                "what the peer got": "nothing more",
                "the socket": "open",
                "its blocking mode and timeout": "as before",
            },
        ),
        Scenario(
            "breaks off",
            _all_broken,
            {
                "ended": "raised ConnectionError",
                "when there is no room": "it waits for room",
                "memory that it needed besides data": "little",
            },
        ),
    ),
)

# --- send_file ----------------------------------------------------------------------------------


@contextmanager
def _file(content: bytes) -> Iterator[Path]:
    """A file that is removed at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(content)
        yield path


@contextmanager
def _told_of_files(path: Path) -> Iterator[Callable[[], str]]:
    """Whether the file is open, or was closed only when Python removed the file object."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)

        def state() -> str:
            if not path.exists():
                return "removed"
            left = any(path.parent.name in str(warning.message) for warning in told)
            return "left open" if left or _is_open(path) else "closed"

        yield state


def _is_open(path: Path) -> bool:
    """Whether this process has it open. A new descriptor is the lowest number that is free."""
    file = path.stat()
    for descriptor in range(DESCRIPTORS):
        with suppress(OSError):
            if os.path.samestat(os.fstat(descriptor), file):
                return True
    return False


def _send_file(stage: Stage, content: bytes) -> None:
    """The peer reads slowly, through a small buffer."""
    peer, sock = _pair(stage, None)
    with _file(content) as path, _told_of_files(path) as state:
        stage.start(sock, path)
        stage.settle(unless=_waits_for_room)
        stage.note(ARRIVED, compare(stage, peer, content))
        stage.finish()
        _result(stage, len(content))
        _behind(stage, peer)
        if stage.is_over:
            stage.note("the file", state())
    _socket(stage, sock, None)


def _large_file(stage: Stage) -> None:
    """Only the memory is looked at."""
    content = _picture(5)
    peer, sock = _pair(stage, None)
    with _file(content) as path:
        with stage.measured():
            stage.start(sock, path)
            drain(stage, peer, len(content))
            stage.finish()
        stage.facts.pop("returned", None)
        stage.note("memory that it needed", _memory(stage, "the file"))
        if stage.peak > MUCH:
            largest = max((call.size for call in stage.calls if call.call in SENDING), default=0)
            stage.note("the largest piece that it sent", _piece(largest, content))


def _piece(size: int, content: bytes) -> str:
    if size == len(content):
        return "the whole file"
    return "most of the file" if size > MUCH else "a small part of the file"


def _file_broken(stage: Stage) -> None:
    peer, sock = _pair(stage, None)
    with _file(_picture(2)) as path, _told_of_files(path) as state:
        stage.start(sock, path)
        stage.settle()
        peers.reset(peer, stage)
        stage.finish()
        _result(stage, None)
        _fails_alike(stage)
        if stage.is_over:
            stage.note("the file", state())


_FILE_SENT = {
    "ended": "returned",
    "its result": "the number of bytes",
    ARRIVED: ALL,
    "what came after it": "nothing more",
    "the file": "closed",
    "the socket": "open",
    "its blocking mode and timeout": "as before",
}

send_file = Exercise(
    "send_file",
    (
        Scenario("a picture", lambda stage: _send_file(stage, _picture(2)), _FILE_SENT),
        Scenario(
            "a large file",
            _large_file,
            {"ended": "returned", "memory that it needed": "little"},
        ),
        Scenario("an empty file", lambda stage: _send_file(stage, b""), _FILE_SENT),
        Scenario(
            "breaks off", _file_broken, {"ended": "raised ConnectionError", "the file": "closed"}
        ),
    ),
)
