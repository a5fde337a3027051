"""Every accept finds the connect that it answers, however the threads are scheduled."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from load import busy_cores
from servers import HERE, calls

from helpers.record.record import record

SECONDS = 1.5


def client(number: int, ports: list[int], end: float) -> None:
    """Connect in each of the ways: by name, by number, with a timeout, without waiting."""
    trips = number
    while time.monotonic() < end:
        trips += 1
        port = ports[trips % len(ports)]
        with socket.socket() as sock, suppress(OSError):
            if trips % 4 == 0:
                sock.setblocking(False)
                sock.connect_ex(("localhost", port))
            elif trips % 4 == 1:
                sock.settimeout(5)
                sock.connect((HERE[0], port))
            else:
                sock.connect(("localhost", port))
            sock.settimeout(5)
            sock.sendall(b"x")
            sock.recv(1)


def server(listener: socket.socket, over: threading.Event) -> None:
    """Answer until the last client has gone."""
    while not over.is_set():
        with suppress(OSError), listener.accept()[0] as conn:
            conn.sendall(conn.recv(1))


@pytest.mark.parametrize("host", [HERE[0], "0.0.0.0"])
def test_every_accept_finds_its_connect_on_busy_cores(recorded: None, host: str) -> None:
    over = threading.Event()
    with ExitStack() as stack, busy_cores():
        listeners = [
            stack.enter_context(socket.create_server((host, 0), backlog=64)) for _ in range(2)
        ]
        ports = [listener.getsockname()[1] for listener in listeners]
        servers = [
            threading.Thread(target=server, args=(each, over)) for each in (*listeners, *listeners)
        ]
        end = time.monotonic() + SECONDS
        clients = [threading.Thread(target=client, args=(each, ports, end)) for each in range(6)]
        for listener in listeners:
            listener.settimeout(0.1)
        for thread in (*servers, *clients):
            thread.start()
        for thread in clients:
            thread.join()
        over.set()
        for thread in servers:
            thread.join()
        assert not any(listener.accept_queue for listener in record.wire.listeners)
    accepted = [each for each in calls("accept") if each.outcome == "done"]
    assert len(accepted) > 20
    assert {tuple(cause.kind for cause in each.causes) for each in accepted} == {("connect",)}
    assert not record.wire.endpoints


@pytest.mark.linux_only  # how many clients a full queue keeps waiting differs
def test_a_client_that_waits_in_a_full_queue_holds_up_nobody(recorded: None) -> None:
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(HERE, backlog=0))
        other = stack.enter_context(socket.create_server(HERE))
        first, waiting, quick = (stack.enter_context(socket.socket()) for _ in range(3))
        first.connect(full.getsockname())
        waiting.settimeout(5)
        thread = threading.Thread(target=waiting.connect, args=(full.getsockname(),))
        thread.start()
        actors = record.actors.active
        assert record.waiting.watch(lambda: any(each.wait for each in list(actors)), 5, 0.01)
        began = time.monotonic()
        quick.connect(other.getsockname())
        other.accept()[0].close()
        assert time.monotonic() - began < 1
        assert thread.is_alive()
        full.accept()[0].close()
        thread.join()
        full.accept()[0].close()
    assert [each.causes[0].kind for each in calls("accept")] == ["connect"] * 3
