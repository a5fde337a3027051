"""Ctrl-C may come at any moment of a recorded call, and leaves nothing behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from servers import HERE, Connection

from helpers import recording
from helpers.record.record import record
from helpers.sockets.letting_go import waits

pytestmark = pytest.mark.posix_only

ROUNDS = 40
LARGE = bytes(8_000_000)
"""More than the buffers of a connection hold."""


def press_ctrl_c() -> None:
    """The system gives the signal to the main thread, as for a key."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def wait_for_it() -> None:
    """In small parts: a signal that comes as a wait begins does not end that."""
    while True:
        threading.Event().wait(0.05)


CALLS: dict[str, Callable[[socket.socket], object]] = {
    "recv": lambda here: here.recv(1),
    "recv_into": lambda here: here.recv_into(bytearray(1)),
    "recvfrom": lambda here: here.recvfrom(1),
    "recvmsg": lambda here: here.recvmsg(1),
    "waitall": lambda here: here.recv(2, socket.MSG_WAITALL),
    "peek": lambda here: here.recv(1, socket.MSG_PEEK),
    "makefile": lambda here: here.makefile("rb").read(1),
    "sendall": lambda here: here.sendall(LARGE),
    "send": lambda here: here.send(LARGE),
    "select": lambda here: select.select([here], [], []),
}


@pytest.mark.parametrize("limit", [None, 9])
@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_at_any_moment_keeps_no_connection_open(name: str, limit: float | None) -> None:
    """It comes while the call begins to wait: there it may interrupt the recorder anywhere."""
    came: list[bytes] = []

    def press(there: socket.socket) -> None:
        with there:
            there.settimeout(60)
            there.recv(1)
            press_ctrl_c()
            while there.recv(1 << 20):
                pass
            came.append(b"")

    def exchange(here: socket.socket) -> None:
        with here:
            here.settimeout(limit)
            here.sendall(b"x")
            CALLS[name](here)
            wait_for_it()  # send() with a limit returns with a part

    with recording():
        for _ in range(ROUNDS):
            here, there = socket.socketpair()
            thread = threading.Thread(target=press, args=(there,))
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                exchange(here)
            thread.join()
        assert record.actors.cell is not None
        assert record.actors.cell.wait is None
    assert len(came) == ROUNDS
    assert not waits


@pytest.mark.parametrize("limit", [None, 9])
def test_ctrl_c_in_accept_frees_the_port(limit: float | None) -> None:
    def press(begin: threading.Event) -> None:
        begin.wait()
        press_ctrl_c()

    def wait(listener: socket.socket, begin: threading.Event) -> None:
        with listener:
            listener.settimeout(limit)
            begin.set()
            listener.accept()

    with recording():
        for _ in range(ROUNDS):
            listener, begin = socket.create_server(HERE), threading.Event()
            address = listener.getsockname()
            thread = threading.Thread(target=press, args=(begin,))
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                wait(listener, begin)
            thread.join()
            socket.create_server(address).close()
    assert not waits


def test_ctrl_c_while_another_thread_closes_keeps_no_descriptor() -> None:
    """The wait has been given a descriptor of its own by then."""

    def press(here: socket.socket, begin: threading.Event) -> None:
        begin.wait()
        here.close()
        press_ctrl_c()

    def wait(here: socket.socket, begin: threading.Event) -> None:
        begin.set()
        with suppress(OSError):  # it came too late for its recv()
            here.recv(1)
        wait_for_it()

    with recording():
        for _ in range(ROUNDS):
            here, there = socket.socketpair()
            begin = threading.Event()
            thread = threading.Thread(target=press, args=(here, begin))
            thread.start()
            with there:
                with pytest.raises(KeyboardInterrupt):
                    wait(here, begin)
                thread.join()
                there.settimeout(60)
                assert there.recv(1) == b""
    assert not waits


@pytest.mark.parametrize("limit", [None, 60])
@pytest.mark.parametrize("name", ["recv", "sendall", "select"])
def test_ctrl_c_that_another_thread_gets_ends_the_wait_as_well(
    connection: Connection, name: str, limit: float | None
) -> None:
    """raise_signal() is for the thread that calls it: no system call of the main thread ends."""
    client, _ = connection
    client.settimeout(limit)
    began = time.monotonic()
    timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        CALLS[name](client)
    timer.join()
    assert time.monotonic() - began < 30


def test_ctrl_c_in_a_full_queue_of_connects() -> None:
    def press(address: object, begin: threading.Event) -> None:
        begin.wait()
        press_ctrl_c()

    def wait(address: tuple[str, int], begin: threading.Event) -> None:
        with socket.socket() as sock:
            begin.set()
            sock.connect(address)

    before = len(os.listdir("/dev/fd"))
    with recording(), socket.create_server(HERE, backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            for _ in range(ROUNDS):
                begin = threading.Event()
                thread = threading.Thread(target=press, args=(address, begin))
                thread.start()
                with pytest.raises(KeyboardInterrupt):
                    wait(address, begin)
                thread.join()
    assert len(os.listdir("/dev/fd")) == before
