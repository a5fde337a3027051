"""Ctrl-C may come at any moment of a recorded call, and leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import threading

import pytest

from helpers import recording

ROUNDS = 150


@pytest.mark.posix_only
def test_ctrl_c_at_any_moment_keeps_no_connection_open() -> None:
    """It comes while the call begins to wait: there it may interrupt the recorder anywhere."""
    came: list[bytes] = []

    def press(there: socket.socket) -> None:
        with there:
            there.settimeout(5)
            there.recv(1)
            signal.raise_signal(signal.SIGINT)
            came.append(there.recv(1))

    def exchange(here: socket.socket) -> None:
        with here:
            here.sendall(b"x")
            here.recv(1)

    with recording():
        for _ in range(ROUNDS):
            here, there = socket.socketpair()
            thread = threading.Thread(target=press, args=(there,))
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                exchange(here)
            thread.join()
    assert came == [b""] * ROUNDS
