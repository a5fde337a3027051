"""A peer that sends, and what a function has done that should only read.

A peer sends pieces (`sends`), pauses between them, and ends, stays, or breaks off.
"""

from __future__ import annotations

import errno
import functools
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto

from helpers import peers
from helpers.exercises.fair_time import LOOK_EVERY
from helpers.exercises.short_reads import MANY
from helpers.exercises.stage import Stage
from helpers.exercises.traffic import readable
from helpers.exercises.values import socket_state
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.waiting import QUIET_TIME

UNTAME = b"\0 \t\xff\r\n"
"""Bytes that are lost where somebody strips or decodes them."""

MUCH = 5_000
"""Bytes after the short reads: more than a few calls of recv(4096) give."""

SMALL_READ = 1024
"""Bytes of a read. Who reads less at once is not sent much: it would take him too long."""


class Then(Enum):
    """What the peer does when it has sent all."""

    STAYS = auto()
    ENDS = auto()
    BREAKS_OFF = auto()


PAUSE = None
"""Among the pieces: so long nothing comes that any limit of time is over."""


def sends(
    stage: Stage, peer: socket.socket, pieces: Sequence[bytes | None], then: Then = Then.STAYS
) -> None:
    """The peer sends these pieces, each alone, and pauses where one is `PAUSE`."""
    for piece in pieces:
        if piece is None:
            stage.let_time_pass()
        else:
            peers.in_pieces(peer, [piece], stage)
    if then is Then.ENDS:
        peers.half_close(peer, stage)
    elif then is Then.BREAKS_OFF:
        peers.reset(peer, stage)


@contextmanager
def may_be_closed() -> Iterator[None]:
    """A peer sends much, or goes on without a wait, and the function may have closed by then.

    Whether the peer meets that depends on who is quicker, so it is no fact about the function.
    """
    try:
        yield
    except ConnectionError:
        pass
    except OSError as error:
        if error.errno != errno.ENOTCONN:  # a shutdown() after the reset has come
            raise


@functools.cache
def many_bytes() -> bytes:
    """More than short reads give. At both ends stand bytes that are easily lost."""
    return UNTAME + b"".join(b"%7d\n" % number for number in range((MANY + MUCH) // 8)) + UNTAME


def compared_with_many(given: bytes) -> str:
    """What was returned where `many_bytes()` came."""
    wanted = many_bytes()
    if given == wanted:
        return "as_they_came"
    if len(wanted) - 2 * len(UNTAME) <= len(given) < len(wanted):
        return "a_few_are_missing"
    return "beginning" if wanted.startswith(given) else "other_bytes"


def largest_read(stage: Stage) -> int:
    """Bytes of the largest read so far."""
    return max((call.size for call in stage.run.calls if "recv" in call.call), default=0)


def taken_from(sock: socket.socket) -> int:
    """Bytes that were received with it so far."""
    info = info_of(sock)
    return info.endpoint.incoming.received if info is not None and info.endpoint is not None else 0


def left_in(stage: Stage, sock: socket.socket, timeout: float | None = None) -> None:
    """What it has left in the stream, and whether it left the socket open, with this timeout."""
    if not (stage.run.is_started and stage.run.is_over):
        return
    info = info_of(sock)
    came = b""
    state = "closed"
    if sock.fileno() >= 0 and info is not None and info.endpoint is not None:
        state = socket_state(sock, timeout=timeout)
        incoming = info.endpoint.incoming
        with record.probing(everything=True), suppress(OSError):
            sock.settimeout(0)
            while incoming.in_flight and _comes(sock):
                received = sock.recv(65536)
                if not received:
                    break
                came += received
    stage.fact("left_in_stream", came)
    stage.fact("socket", state)


def _comes(sock: socket.socket) -> bool:
    return record.waiting.watch(readable(sock), QUIET_TIME, LOOK_EVERY)


def unasked(stage: Stage, peer: socket.socket, sock: socket.socket) -> None:
    """What the peer has got of it."""
    if not stage.run.is_over or sock.fileno() < 0 or peer.fileno() < 0:
        return
    came, ending = stage.read(peer)
    if came:
        stage.fact("peer.received", came)
    if ending == "end":
        stage.fact("peer.saw", ending)
