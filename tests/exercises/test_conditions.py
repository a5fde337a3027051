"""What a stage does to a function: pauses without a clock, short reads, ports that are taken."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from helpers import recording
from helpers.exercises.engine import Exercise
from helpers.exercises.reading import PAUSE, Then, may_be_closed, sends
from helpers.exercises.scenario import Scenario
from helpers.exercises.short_reads import short_reads, short_sends
from helpers.exercises.stage import Stage
from helpers.record.record import record


def play(scene: Callable[[Stage], None], function: Callable[..., Any]) -> Stage:
    with recording():
        return Exercise.play(Scenario("", scene, {}), function, time.monotonic() + 5)


def with_a_limit(sock: socket.socket) -> int:
    limits = 0
    sock.settimeout(3600)
    while True:
        try:
            if not sock.recv(10):
                return limits
        except TimeoutError:
            limits += 1


def with_select(sock: socket.socket) -> int:
    limits = 0
    while True:
        if not select.select([sock], [], [], 3600)[0]:
            limits += 1
        elif not sock.recv(10):
            return limits


def without_a_limit(sock: socket.socket) -> int:
    while sock.recv(10):
        pass
    return 0


@pytest.mark.parametrize(
    ("function", "limits"), [(with_a_limit, 2), (with_select, 2), (without_a_limit, 0)]
)
def test_a_pause_ends_each_wait_with_a_limit_once(
    function: Callable[..., Any], limits: int
) -> None:
    def scene(stage: Stage) -> None:
        peer, sock = stage.pair()
        stage.start(sock)
        sends(stage, peer, [PAUSE, b"x", PAUSE], Then.ENDS)
        stage.finish()

    started = time.monotonic()
    assert play(scene, function).facts == {"ended": "returned", "returned": limits}
    assert time.monotonic() - started < 60  # of an hour


def reads(sock: socket.socket) -> list[int]:
    return [len(sock.recv(4)) for _ in range(5)]


def reads_into(sock: socket.socket) -> list[int]:
    return [sock.recv_into(bytearray(4)) for _ in range(5)]


def reads_a_file(sock: socket.socket) -> list[int]:
    with sock.makefile("rb", buffering=0) as file:
        return [len(file.read(4) or b"") for _ in range(5)]


def reads_all(sock: socket.socket) -> list[int]:
    return [len(sock.recv(7, socket.MSG_WAITALL)), len(sock.recv(1)), 1, 1, 4]


def looks_first(sock: socket.socket) -> list[int]:
    return [len(sock.recv(4, socket.MSG_PEEK)) // 4, *reads(sock)[:3], 4]


@pytest.mark.parametrize(
    ("function", "sizes"),
    [
        (reads, [1, 1, 1, 4, 3]),
        (reads_into, [1, 1, 1, 4, 3]),
        (reads_a_file, [1, 1, 1, 4, 3]),
        (looks_first, [1, 4, 1, 1, 4]),  # what was looked at is there
        pytest.param(reads_all, [7, 1, 1, 1, 4], marks=pytest.mark.posix_only),
    ],
)
def test_a_read_that_is_short_gives_one_byte(
    function: Callable[..., Any], sizes: list[int]
) -> None:
    def scene(stage: Stage) -> None:
        peer, sock = stage.pair()
        peer.sendall(b"0123456789")
        with short_reads(sock, 3):
            stage.start(sock)
            stage.finish()

    assert play(scene, function).facts["returned"] == sizes


def sends_some(sock: socket.socket) -> list[int]:
    sock.settimeout(60)
    return [sock.send(b"0123456789") for _ in range(4)]


def test_a_send_that_is_short_takes_one_byte() -> None:
    def scene(stage: Stage) -> None:
        peer, sock = stage.pair()
        with short_sends(sock, 3):
            stage.start(sock)
            stage.finish()
        stage.fact("came", peer.recv(100))

    facts = play(scene, sends_some).facts
    assert facts["returned"] == [1, 1, 1, 10]
    assert facts["came"] == b"0000123456789"


def test_only_the_first_bind_to_a_port_of_ones_own_is_refused() -> None:
    def binds() -> list[str]:
        found = []
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            one.close()
            for _ in range(2):
                try:
                    two.bind(("127.0.0.1", port))
                    found.append("bound")
                except OSError as error:
                    found.append(type(error).__name__)
        return found

    def scene(stage: Stage) -> None:
        record.refused_binds = 1
        stage.start()
        stage.finish()

    assert play(scene, binds).facts["returned"] == ["OSError", "bound"]
    assert record.refused_binds == 0


@pytest.mark.parametrize("sends_late", [False, True])
@pytest.mark.parametrize("half_closes", [False, True])
def test_who_is_quicker_is_no_fact_about_a_function_that_closes(
    sends_late: bool, half_closes: bool
) -> None:
    """It closes with a byte unread, which is a reset. The peer meets it, or is done before."""

    def scene(stage: Stage) -> None:
        peer, sock = stage.pair()
        peer.sendall(b"xx")
        if sends_late:
            stage.start(sock)
            stage.settle()
        with may_be_closed():
            if half_closes:
                peer.shutdown(socket.SHUT_WR)
            else:
                peer.sendall(b"more")
        if not sends_late:
            stage.start(sock)
        stage.finish()

    def closes(sock: socket.socket) -> bytes:
        with sock:
            return sock.recv(1)

    assert play(scene, closes).facts == {"ended": "returned", "returned": b"x"}


@pytest.mark.ipv6_only
def test_a_socket_of_ipv6_may_begin_as_on_another_system() -> None:
    def serves_ipv6_alone() -> int:
        with socket.socket(), socket.socket(socket.AF_INET6) as sock:
            return sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)

    def scene(stage: Stage) -> None:
        record.ipv6_only = True
        stage.start()
        stage.finish()

    assert play(scene, serves_ipv6_alone).facts["returned"] == 1
    assert not record.ipv6_only


@pytest.mark.linux_only
def test_a_listener_at_every_interface_may_hear_this_machine_alone() -> None:
    def device_of_a_listener() -> bytes:
        with socket.create_server(("0.0.0.0", 0)) as listener:
            port = listener.getsockname()[1]
            socket.create_connection(("127.0.0.1", port)).close()
            return listener.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)

    def scene(stage: Stage) -> None:
        record.loopback_only, record.loopback_device = False, True
        stage.start()
        stage.finish()

    assert play(scene, device_of_a_listener).facts["returned"] == b"lo\0"
    assert not record.loopback_device


def test_a_socket_that_could_not_be_made_is_not_left_open() -> None:
    def tries() -> None:
        with suppress(OSError):
            socket.socket(99)

    def scene(stage: Stage) -> None:
        stage.start()
        stage.finish()

    assert "left_open" not in play(scene, tries).facts


def test_a_context_of_a_stage_lasts_until_the_function_has_been_ended() -> None:
    told: list[str] = []

    def waits() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            try:
                listener.accept()
            finally:
                told.append("the function ends")

    @contextmanager
    def context() -> Iterator[str]:
        yield "entered"
        told.append("the context ends")

    def scene(stage: Stage) -> None:
        told.append(stage.during(context()))
        stage.start()
        stage.finish()

    play(scene, waits)
    assert told == ["entered", "the function ends", "the context ends"]
