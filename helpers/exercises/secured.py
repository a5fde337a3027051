"""Peers that speak TLS, and the certificates that they need.

Rules of this file:

- A peer's call never waits in TLS. It is tried, and tried again when something has come, as long
  as the function moves. So the account says when the function has done all that it can.
- What crosses in a handshake differs from run to run. So a fact says how it ended, and no more.
- Keys and certificates cost time: each is made once.
"""

from __future__ import annotations

import datetime
import functools
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import trustme

from helpers.exercises.fair_time import LOOK_EVERY
from helpers.exercises.stage import Stage
from helpers.record.record import record
from helpers.record.waiting import QUIET_TIME
from helpers.record.wakeup import is_ready

NAME = "shop.example"
"""The server that the function wants to reach. The domain belongs to nobody (RFC 6761, 6.5)."""

ANOTHER_NAME = "post.example"

RIGHT, ANOTHER = "the right one", "another one"
"""Authorities. The other one, too, may be trusted by a system."""

_RECORD = 16_384
"""Bytes of the program's in one record of TLS (RFC 8446, 5.1)."""

_PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)  # noqa: UP017


class Nothing(Exception):
    """The function has done all that it can, and the peer's call would still have to wait."""


@functools.cache
def authority(name: str) -> trustme.CA:
    """Who signs certificates. Each name is another one."""
    return trustme.CA(organization_name=name)


@functools.cache
def server_context(
    name: str = NAME, signed_by: str = RIGHT, expired: bool = False
) -> ssl.SSLContext:
    """A server's context, with a certificate for this name. It sends no tickets: nobody comes
    again. What the client asked for is noted as `asked_for` of the socket."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.num_tickets = 0
    context.sni_callback = _note_name
    certificate = authority(signed_by).issue_cert(
        name,
        not_before=_PAST if expired else None,
        not_after=_PAST + datetime.timedelta(days=90) if expired else None,
    )
    certificate.configure_cert(context)
    return context


@functools.cache
def client_context() -> ssl.SSLContext:
    """A client's context, which trusts the right authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority(RIGHT).configure_trust(context)
    return context


@functools.cache
def distrustful_context() -> ssl.SSLContext:
    """A client's context, which trusts an authority that has signed nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority(ANOTHER).configure_trust(context)
    return context


def _note_name(sock: Any, name: str | None, context: ssl.SSLContext) -> None:
    sock.asked_for = name


def wrap(
    stage: Stage, sock: socket.socket, who: str, context: ssl.SSLContext, server: bool = False
) -> ssl.SSLSocket:
    """A peer's end, from now on with TLS. The handshake is still to be made."""
    with record.probing():
        sock.settimeout(0)
    secured = context.wrap_socket(
        sock,
        server_side=server,
        server_hostname=None if server else NAME,
        do_handshake_on_connect=False,
        suppress_ragged_eofs=False,
    )
    stage.adopt(secured, who, given=False)
    return secured


def shake_hands(stage: Stage, sock: ssl.SSLSocket) -> str:
    """Make the handshake with the function. How it ended: "done", or why not."""
    try:
        step(stage, sock, sock.do_handshake)
    except Nothing:
        return "nothing_more"
    except ssl.SSLError as error:
        why = _why(error)
        return "left" if why == "cut" else why
    except ConnectionError:
        return "left"  # an end or a reset: that depends on what it had read
    return "done"


def step(stage: Stage, sock: ssl.SSLSocket, call: Callable[..., Any], *arguments: Any) -> Any:
    """Make a call of a peer's, as soon as it need not wait.

    Raises Nothing where the function leaves it waiting, and what the call raises.
    """
    while True:
        stage.check_time()
        with record.probing():
            try:
                return call(*arguments)
            except ssl.SSLWantReadError:
                write = False
            except ssl.SSLWantWriteError:
                write = True
        if not _becomes_ready(stage, sock, write):
            raise Nothing


def _becomes_ready(stage: Stage, sock: ssl.SSLSocket, write: bool) -> bool:
    def is_now() -> bool:
        return is_ready(sock.fileno(), write=write)

    while not is_now():
        stage.check_time()
        if stage.settle(unless=is_now).rested and not is_now():
            # The kernel moves by itself what the account does not know: what TLS sends.
            moved = record.waiting.watch(is_now, QUIET_TIME, LOOK_EVERY)
            return moved or stage.comes_after_all(sock)
    return True


def read(stage: Stage, sock: ssl.SSLSocket, most: int = sys.maxsize) -> tuple[bytes, str]:
    """All that comes from the function, `most` bytes of it, and what comes then.

    That is "end" (of TLS), "cut" (an end without it), "reset", "no_tls", "nothing_more", or
    "more_bytes".
    """
    came = bytearray()
    try:
        while len(came) < most:
            piece = step(stage, sock, sock.recv, min(_RECORD, most - len(came)))
            if not piece:
                return bytes(came), "end"
            came += piece
    except Nothing:
        return bytes(came), "nothing_more"
    except ssl.SSLError as error:
        return bytes(came), _why(error)
    except ConnectionError:
        return bytes(came), "reset"
    return bytes(came), "more_bytes"


def has_more(stage: Stage, sock: ssl.SSLSocket) -> bool:
    """Whether the function has sent more than was read. To be asked before `end`."""
    stage.settle()
    with record.probing():
        try:
            return bool(sock.recv(1))
        except OSError:
            return False


def send(stage: Stage, sock: ssl.SSLSocket, data: bytes) -> bool:
    """Send all of it. False where the function takes no more."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[step(stage, sock, sock.send, rest[:_RECORD]) :]
    except (Nothing, ConnectionError, ssl.SSLError):
        return False
    return True


def end(stage: Stage, sock: ssl.SSLSocket) -> None:
    """Say that no more comes (close_notify), and wait for no answer."""
    with record.probing(), suppress(OSError):  # the other end has not said so yet, or has gone
        sock.unwrap()
    stage.settle()


def _why(error: ssl.SSLError) -> str:
    """What an error of TLS says, as a key that is the same on every version of OpenSSL."""
    if isinstance(error, ssl.SSLZeroReturnError):
        return "end"  # so it is called when this end has said so, too
    if isinstance(error, ssl.SSLCertVerificationError):
        return "not_trusted"
    if isinstance(error, ssl.SSLEOFError):
        return "cut"
    return "refused_by_it" if "ALERT" in str(error.reason) else "no_tls"
