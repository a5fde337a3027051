"""The echo programs and peers that break off, are killed, or send anything in any pieces."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import socket
import sys
from collections.abc import Iterator

import psutil
import pytest
from running import (
    LIMIT,
    PROGRAMS,
    PYTHON,
    Address,
    Process,
    Server,
    assert_fails_plainly,
    reset,
    talk,
    to,
)

from soak.plan import Soak

IN_FLIGHT = 40_000
"""Bytes sent and not read back: the buffers of every system hold them, so nobody waits for ever."""

GROWTH = 1_000_000
"""Bytes by which the server's memory may differ: one buffer more or less, not one a client."""


def settled(server: Server, client: str, how: str) -> None:
    """Wait until the server says that of its client; what it said of others is passed over."""
    line = ""
    while not line.startswith(f"{client} {how}"):
        line = server.line()


def pieces(soak: Soak) -> Iterator[bytes]:
    """A stream of random bytes, cut at random places."""
    chance = soak.chance
    size = chance.choice([0, 1, 2, 100, 5000, 60_000]) * chance.randint(1, 3)
    stream = chance.randbytes(size)
    cuts = chance.choices(range(size + 1), k=chance.randint(0, 5))
    for start, end in itertools.pairwise([0, *sorted(cuts), size]):
        yield stream[start:end]


def receive(sock: socket.socket, size: int) -> bytes:
    came = b""
    while len(came) < size and (data := sock.recv(size - len(came))):
        came += data
    return came


def one_stream(soak: Soak, server: Server) -> None:
    """A client that sends random pieces, and reads, breaks off or ends when it likes."""
    ends = soak.chance.choice(["half-close", "half-close", "close", "reset"])
    breaks_at = soak.chance.randint(0, 6)
    with socket.create_connection(server.address, timeout=LIMIT) as sock:
        host, port = sock.getsockname()
        sent = waiting = b""
        for number, piece in enumerate(pieces(soak)):
            if ends != "half-close" and number == breaks_at:
                break
            for start in range(0, len(piece), IN_FLIGHT):
                part = piece[start : start + IN_FLIGHT]
                if len(waiting) + len(part) > IN_FLIGHT or soak.chance.random() < 0.3:
                    assert receive(sock, len(waiting)) == waiting
                    waiting = b""
                sock.sendall(part)
                sent += part
                waiting += part
        if ends == "half-close":
            sock.shutdown(socket.SHUT_WR)
            assert receive(sock, len(waiting) + 1) == waiting
            settled(server, f"{host}:{port}", f"closed, bytes echoed: {len(sent)}")
        elif ends == "reset":
            reset(sock)


def resident(server: Server) -> int:
    return int(psutil.Process(server.popen.pid).memory_info().rss)


def test_ten_thousand_streams_and_no_memory_growth(soak: Soak) -> None:
    """Ten thousand in `make soak`, a thousand in `make test`."""
    with Server() as server:
        count = soak.times(1000)
        for number in range(count):
            if number == count // 2:  # the allocator has touched most of what it will ever touch
                before = resident(server)
            one_stream(soak, server)
            soak.done += 1
        assert talk(server.address, b"still here") == b"still here"
        assert resident(server) - before < GROWTH


@pytest.mark.posix_only
def test_kill_9_of_clients_at_any_moment(soak: Soak) -> None:
    """The message is long: the client is killed while it talks, or before its turn."""
    words = ["x" * 120_000] * 6
    with Server() as server:
        for number in range(soak.times(5)):
            command = [*PYTHON, str(PROGRAMS / "echo_client.py"), *to(server.address)]
            with Process([*command, "-s", *words]) as client:
                said = client.line()
                assert said.endswith(" succeeded")
                client.popen.send_signal(signal.SIGKILL)
                assert client.popen.wait(LIMIT) in (-signal.SIGKILL, 0)
            assert talk(server.address, b"%d" % number) == b"%d" % number
            soak.done += 2


@pytest.mark.posix_only
def test_kill_9_of_the_server_at_any_moment(soak: Soak) -> None:
    """Its clients end plainly, one served and one in the queue; its port is free at once."""
    port = 0
    for _ in range(soak.times(4)):
        with Server(port=port) as server:
            port = server.address[1]
            command = [*PYTHON, str(PROGRAMS / "echo_client.py"), *to(server.address), "-s", "hi"]
            with socket.create_connection(server.address, timeout=LIMIT) as served:
                for _ in range(soak.chance.randint(1, 20)):
                    data = soak.chance.randbytes(soak.chance.randint(1, 3000))
                    served.sendall(data)
                    assert receive(served, len(data)) == data
                with Process(command) as queued:
                    assert queued.line().endswith(" succeeded")
                    server.popen.kill()
                    assert server.finish()[0] == -signal.SIGKILL
                    code, lines, errors = queued.finish()
                    assert_fails_plainly((code, lines, errors), 1, "echo_client: ")
                with contextlib.suppress(ConnectionResetError):  # by what was still under way
                    assert served.recv(1) == b""
        with Server(port=port) as again:
            assert talk(again.address, b"again") == b"again"
        soak.done += 3


# Descriptors


def allow(process: Process, descriptors: int) -> None:
    """The `ulimit -n` of a program that runs."""
    if sys.platform == "linux":
        import resource

        hard = resource.prlimit(process.popen.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(process.popen.pid, resource.RLIMIT_NOFILE, (descriptors, hard))


def serve_a_crowd(soak: Soak, address: Address) -> None:
    """As many clients at once as the queue holds; each is served when its turn comes."""
    crowd = [socket.create_connection(address, timeout=LIMIT) for _ in range(50)]
    try:
        for number, client in enumerate(crowd):
            client.sendall(b"%d" % number)
            client.shutdown(socket.SHUT_WR)
        for number, client in enumerate(crowd):
            assert receive(client, 10) == b"%d" % number
            soak.done += 1
    finally:
        for client in crowd:
            client.close()


@pytest.mark.linux_only
def test_one_descriptor_for_a_client_is_enough_for_any_number(soak: Soak) -> None:
    with Server() as server:
        in_use = psutil.Process(server.popen.pid).num_fds()
        allow(server, in_use + 1)
        for _ in range(soak.times(2)):
            serve_a_crowd(soak, server.address)
        assert psutil.Process(server.popen.pid).num_fds() <= in_use + 1


@pytest.mark.linux_only
def test_the_limit_of_descriptors_ends_the_server_plainly_and_it_serves_again(soak: Soak) -> None:
    """It cannot take the next client, and waiting for it would be an endless loop."""
    with Server() as server:
        port = server.address[1]
        allow(server, psutil.Process(server.popen.pid).num_fds())
        # On Linux an accept() that waits already has the descriptor of its next client.
        for _ in range(2):
            with contextlib.suppress(ConnectionRefusedError):  # it has ended already
                socket.create_connection(server.address, timeout=LIMIT).close()
        outcome = server.finish()
        assert_fails_plainly(outcome, 1, "echo_server: ", os.strerror(errno.EMFILE))
    with Server(port=port) as server:
        serve_a_crowd(soak, server.address)
