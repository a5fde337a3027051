"""Figure 9: a thousand clients at once on one echo server.

The server of lesson 12's final exercise, as its solution stands, against asyncio's own echo
server. Each runs in a process of its own (`crowd_server`), and the clients in another. All
clients connect first. Then each says its own piece, waits until all of it has come back, and
says the next; at the end it closes its side and reads the server's end. A client that gets
another byte than its own, or an error, or no end, is lost, and then nothing is measured.
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.descriptors import allow_descriptors
from bench.figures import Goal, Row, at_least
from bench.harness import Bench, Plan, timed

CLIENTS = 1000
ROUND_TRIPS = 20
PIECE = 1024
"""Bytes."""
PATIENCE = 60.0
"""Seconds without any news until the silent clients are lost."""

GOAL = Goal(
    "1,000 clients at once on the server of lesson 12's final exercise: throughput",
    "asyncio's own echo server",
    "all served, none lost; at least 0.7 times",
)
GOALS = (GOAL,)


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.crowd", plan, values=2)
    return [at_least(GOAL, samples["solution"], samples["asyncio"], 0.7)]


class LostClientsError(Exception):
    """Not every client was served."""


class Client:
    """One of the crowd: what it says, and what has come back of it."""

    def __init__(self, address: tuple[str, int], number: int) -> None:
        self.sock = socket.create_connection(address)
        self.sock.setblocking(False)
        self.piece = f"{number:8}".encode() * (PIECE // 8)
        self.came = b""
        self.trips_left = ROUND_TRIPS

    def say(self) -> None:
        self.came = b""
        self.sock.sendall(self.piece)

    def hear(self) -> bool:
        """Read what is there and go on. False once the server has ended as well.

        Raises OSError if the server broke off or sent something else.
        """
        data = self.sock.recv(PIECE)
        if not data:
            if self.trips_left:
                raise ConnectionError("the server ended too early")
            return False
        self.came += data
        if not self.piece.startswith(self.came):
            raise ConnectionError("the server sent other bytes")
        if len(self.came) == PIECE:
            self.trips_left -= 1
            if self.trips_left:
                self.say()
            else:
                self.came = b""
                self.sock.shutdown(socket.SHUT_WR)
        return True


def talk(clients: list[Client]) -> None:
    """All of them at once, to the end. Raises LostClientsError if one was not served."""
    lost = 0
    with selectors.DefaultSelector() as selector:
        for client in clients:
            try:
                client.say()
            except OSError:
                lost += 1
            else:
                selector.register(client.sock, selectors.EVENT_READ, client)
        while selector.get_map() and (ready := selector.select(PATIENCE)):
            for key, _ in ready:
                try:
                    goes_on = key.data.hear()
                except OSError:
                    lost += 1
                    goes_on = False
                if not goes_on:
                    selector.unregister(key.data.sock)
        lost += len(selector.get_map())
    if lost:
        raise LostClientsError(f"{lost:,} of {len(clients):,} clients lost")


@contextmanager
def server_process(kind: str) -> Iterator[tuple[str, int]]:
    """The server in a process of its own; its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.crowd_server", kind], stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            yield "127.0.0.1", int(process.stdout.readline())
        finally:
            process.terminate()


def crowd(loops: int, kind: str, count: int) -> float:
    """Seconds from the first word to the last end."""
    allow_descriptors(count + 100)
    spent = 0.0
    for _ in range(loops):
        with server_process(kind) as address:
            clients: list[Client] = []
            try:
                clients += (Client(address, number) for number in range(count))
                began = time.perf_counter()
                talk(clients)
                spent += time.perf_counter() - began
            finally:
                for client in clients:
                    client.sock.close()
    return spent


def main() -> None:
    bench = Bench("bench.crowd")
    for kind in ("solution", "asyncio"):
        bench.runner.bench_time_func(kind, crowd, kind, bench.plan.size(CLIENTS))


if __name__ == "__main__":
    main()
