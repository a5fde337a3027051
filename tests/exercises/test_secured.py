"""Peers that speak TLS: what they see of a function, and that none of them waits for it in vain."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest

from helpers.exercises import secured
from helpers.exercises.fair_time import FairTime
from helpers.exercises.stage import Stage

pytestmark = pytest.mark.usefixtures("recorded")


def served(
    function: Callable[[Any], object], peer: Callable[[Stage, ssl.SSLSocket], None]
) -> Stage:
    """The function is given the address of a peer that speaks TLS, and has made the handshake."""
    secured.client_context(), secured.distrustful_context()  # made once, and by one thread
    stage = Stage(function, time.monotonic() + 5)
    with stage:
        listener = stage.listen()
        stage.start(listener.getsockname())
        plain = stage.accept(listener, "peer")
        assert plain is not None
        server = secured.wrap(stage, plain, "peer", secured.server_context(), server=True)
        stage.fact("handshake", secured.shake_hands(stage, server))
        peer(stage, server)
    return stage


def client(address: Any, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection(address)
    return (context or secured.client_context()).wrap_socket(plain, server_hostname=secured.NAME)


def nothing(stage: Stage, server: ssl.SSLSocket) -> None:
    """The peer does nothing more."""


def is_silent(address: Any) -> None:
    with socket.create_connection(address) as plain:
        plain.recv(1)


def has_no_trust(address: Any) -> None:
    with client(address, secured.distrustful_context()):
        pass


def leaves(address: Any) -> None:
    socket.create_connection(address).close()


def speaks_plain(address: Any) -> None:
    with socket.create_connection(address) as plain:
        plain.sendall(b"hello, hello, hello")
        plain.recv(1)


@pytest.mark.parametrize(
    ("function", "outcome"),
    [
        (lambda address: client(address).close(), "done"),
        (is_silent, "nothing_more"),
        (has_no_trust, "refused_by_it"),
        (leaves, "left"),
        (speaks_plain, "no_tls"),
    ],
    ids=["done", "silent", "refuses", "leaves", "plain"],
)
def test_a_handshake_has_an_outcome(function: Callable[[Any], object], outcome: str) -> None:
    clock = FairTime()
    assert served(function, nothing).facts["handshake"] == outcome
    assert clock.elapsed() < 2


def unwraps(sock: ssl.SSLSocket) -> None:
    sock.unwrap()


def closes(sock: ssl.SSLSocket) -> None:
    sock.close()


def waits(sock: ssl.SSLSocket) -> None:
    sock.recv(1)


@pytest.mark.parametrize(
    ("ends", "how"), [(unwraps, "end"), (closes, "cut"), (waits, "nothing_more")]
)
def test_the_end_a_cut_and_silence_are_three_things(
    ends: Callable[[ssl.SSLSocket], object], how: str
) -> None:
    def function(address: Any) -> None:
        with client(address) as sock:
            sock.sendall(b"hello")
            ends(sock)

    seen = []
    served(function, lambda stage, server: seen.append(secured.read(stage, server)))
    assert seen == [(b"hello", how)]


def test_much_crosses_in_both_directions() -> None:
    data = bytes(1_000_000)

    def function(address: Any) -> int:
        with client(address) as sock:
            sock.sendall(data)
            count = 0
            while piece := sock.recv(65536):
                count += len(piece)
            return count

    def peer(stage: Stage, server: ssl.SSLSocket) -> None:
        assert secured.read(stage, server, len(data)) == (data, "more_bytes")
        assert not secured.has_more(stage, server)
        assert secured.send(stage, server, data)
        secured.end(stage, server)
        stage.finish()

    assert served(function, peer).facts["returned"] == len(data)


def test_a_function_that_does_not_read_takes_no_more() -> None:
    def function(address: Any) -> None:
        with client(address), socket.create_server(("127.0.0.1", 0)) as listener:
            listener.accept()

    took = []
    served(function, lambda stage, server: took.append(secured.send(stage, server, bytes(1 << 24))))
    assert took == [False]


def test_what_a_peer_does_in_its_handshake_is_in_no_ladder() -> None:
    stage = served(lambda address: client(address).close(), nothing)
    assert not [event for event in stage.events if "SSLWant" in event.error]
