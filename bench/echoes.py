"""Figures 2 and 3: an echo with the sockets recorded, against the same code with plain ones."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from bench import servers
from bench.figures import Goal, Row, at_most
from bench.harness import Bench, Plan, timed
from helpers import recording

PIECE = bytes(range(256)) * 256
"""64 KiB."""
PIECES = 1024
"""As many make 64 MB."""
TRIPS = 1000

ONE_BYTE = Goal("one-byte echo round trip, recorded", "plain sockets", "at most 2.0 times")
BULK = Goal("64 MB echoed in 64 KiB pieces, recorded", "plain sockets", "at most 1.1 times")
GOALS = (ONE_BYTE, BULK)

Exchange = Callable[[socket.socket, int], None]


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.echoes", plan, values=20)
    return [
        at_most(ONE_BYTE, samples["one byte, recorded"], samples["one byte, plain"], 2.0),
        at_most(BULK, samples["bulk, recorded"], samples["bulk, plain"], 1.1),
    ]


def one_byte(client: socket.socket, times: int) -> None:
    for _ in range(times):
        client.sendall(b"x")
        client.recv(1)


def pieces(client: socket.socket, times: int) -> None:
    for _ in range(times):
        client.sendall(PIECE)
        missing = len(PIECE)
        while missing:
            missing -= len(client.recv(missing))


@contextmanager
def connection(seen: bool) -> Iterator[socket.socket]:
    """A client of an echo server in a thread: both recorded, or both plain."""
    with (
        recording() if seen else nullcontext(),
        servers.hand_written_thread() as address,
        socket.create_connection(address) as client,
    ):
        yield client


def exchange(loops: int, what: Exchange, times: int, seen: bool) -> float:
    """Seconds for the exchange alone, without the connection."""
    with connection(seen) as client:
        what(client, 1)
        began = time.perf_counter()
        what(client, times * loops)
        return time.perf_counter() - began


def main() -> None:
    bench = Bench("bench.echoes")
    for name, what, full in (("one byte", one_byte, TRIPS), ("bulk", pieces, PIECES)):
        times = bench.plan.size(full)
        inner = times if what is one_byte else 1
        for how, seen in (("plain", False), ("recorded", True)):
            arguments = (what, times, seen)
            bench.runner.bench_time_func(f"{name}, {how}", exchange, *arguments, inner_loops=inner)


if __name__ == "__main__":
    main()
