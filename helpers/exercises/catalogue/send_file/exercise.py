"""send_file: a file that is larger than the memory it should take."""

from __future__ import annotations

import functools
import os
import random
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from helpers import peers
from helpers.exercises import returned, sending
from helpers.exercises.arrivals import ALL, compare, drain
from helpers.exercises.memory import measured
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage

HELD = 1.2 * 1024 * 1024
"""Bytes: more than a piece of 1 MiB needs, with the buffer of its file, and what Python adds."""

LOOKS = 5
"""Times that it is looked at. Most of them find a send under way, and one piece in memory: only
between two pieces it may have both."""

DESCRIPTORS = 1024
"""So many are looked at to find an open file: a program seldom has more of them."""


PIECE = 4096
"""Bytes: sizes of pieces are most often multiples of it."""

EASILY_LOST = b"\0 \t"


@functools.cache
def _picture(mebibytes: int) -> bytes:
    """Bytes that are no text: the beginning of a PNG, a few lines, and one very long one.

    Pieces of a usual size end with bytes that are easily lost, and the last piece is one byte.
    """
    size = mebibytes << 20
    lines = "".join(f"line {number}\r\n" for number in range(1000)).encode()
    rest = random.Random(6).randbytes(size).replace(b"\n", b"\r")
    content = bytearray(b"\x89PNG\r\n\x1a\n" + lines + rest)[:size]
    for number, end in enumerate(range(PIECE - 1, size, PIECE)):
        content[end] = EASILY_LOST[number % len(EASILY_LOST)]
    return bytes(content) + b"\n"


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
            return "left_open" if left or _is_open(path) else "closed"

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
    peer, sock = sending.pair(stage, None)
    with _file(content) as path, _told_of_files(path) as state:
        stage.start(sock, path)
        stage.settle(unless=sending.waits_for_room)
        stage.fact(sending.ARRIVED, compare(stage, peer, content))
        stage.finish()
        sending.tell_result(stage, len(content))
        sending.tell_end(stage, peer, content)
        if stage.run.is_over:
            stage.fact("file", state())
    sending.tell_socket(stage, sock, None)


def _large_file(stage: Stage) -> None:
    """Only the memory is looked at."""
    content = _picture(5)
    peer, sock = sending.pair(stage, None)
    with _file(content) as path:
        with measured() as memory:
            stage.start(sock, path)
            held = []
            for _ in range(LOOKS):
                drain(stage, peer, len(content) // (2 * LOOKS))
                held.append(memory.now())
            drain(stage, peer, len(content))
            stage.finish()
        sending.tell_result(stage, len(content))
        much = memory.peak <= sending.MUCH and sorted(held)[LOOKS // 2] > HELD
        stage.fact("memory", "more_than_a_mebibyte" if much else sending.amount(memory))
        if memory.peak > sending.MUCH:
            largest = max(
                (call.size for call in stage.run.calls if call.call in sending.SENDING), default=0
            )
            stage.fact("largest_piece", _piece(largest, content))


def _piece(size: int, content: bytes) -> str:
    if size == len(content):
        return "whole_file"
    return "most_of_file" if size > sending.MUCH else "small_part"


def _file_broken(stage: Stage) -> None:
    peer, sock = sending.pair(stage, None)
    with _file(_picture(2)) as path, _told_of_files(path) as state:
        stage.start(sock, path)
        stage.settle(unless=sending.waits_for_room)
        peers.reset(peer, stage)
        stage.finish()
        sending.tell_result(stage, None)
        returned.tell_broken(stage)
        if stage.run.is_over:
            stage.fact("file", state())


def _file_closes(stage: Stage) -> None:
    """The peer ends its side first: then a break is another error, BrokenPipeError."""
    peer, sock = sending.pair(stage, None)
    peers.half_close(peer, stage)
    with _file(_picture(2)) as path:
        stage.start(sock, path)
        stage.settle(unless=sending.waits_for_room)
        peers.reset(peer, stage)
        stage.finish()
        sending.tell_result(stage, None)
        returned.tell_broken(stage)


_FILE_SENT = {
    "ended": "returned",
    "result": "byte_count",
    sending.ARRIVED: ALL,
    "came_after": "nothing_more",
    "file": "closed",
    "socket": "open",
    "blocking_mode": "as_before",
}

SCENARIOS = (
    Scenario("a picture", lambda stage: _send_file(stage, _picture(2)), _FILE_SENT),
    Scenario(
        "a large file",
        _large_file,
        {"ended": "returned", "result": "byte_count", "memory": "little"},
    ),
    Scenario("an empty file", lambda stage: _send_file(stage, b""), _FILE_SENT),
    Scenario("breaks off", _file_broken, {"ended": "raised ConnectionError", "file": "closed"}),
    Scenario("ends its side and breaks off", _file_closes, {"ended": "raised ConnectionError"}),
)
