"""Figure 1: start a background server, have a first echo, stop it.

One value is the mean of several servers: socketserver looks every half second whether it is to
stop, so a single one may take half a second or next to nothing.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager

from bench import servers
from bench.figures import Goal, Row, at_most
from bench.harness import Bench, Plan, timed
from helpers import recording

FIGURE = "start, first echo, stop of a LiveServer"
OTHERS = ("asyncio in a thread", "socketserver in a thread", "pytest-httpserver")

BY_HAND = Goal(FIGURE, "a hand-written thread", "at most 1.5 times")
AHEAD = [Goal(FIGURE, other, "less than 1 time") for other in OTHERS]
GOALS = (BY_HAND, *AHEAD)

Background = Callable[[], AbstractContextManager[servers.Address]]


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.starts", plan, values=6)
    ours = samples["LiveServer"]
    by_hand = at_most(BY_HAND, ours, samples[BY_HAND.against], 1.5)
    return [by_hand, *(at_most(goal, ours, samples[goal.against], 1.0) for goal in AHEAD)]


def first_echo(address: servers.Address) -> None:
    with socket.create_connection(address) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"


def first_answer(address: servers.Address) -> None:
    client = http.client.HTTPConnection(*address)
    client.request("POST", "/", b"x")
    assert client.getresponse().read() == b"x"
    client.close()


def start_and_stop(
    background: Background, use: Callable[[servers.Address], None], times: int
) -> None:
    for _ in range(times):
        with background() as address:
            use(address)


def recorded(times: int) -> None:
    with recording():
        start_and_stop(servers.live_server, first_echo, times)


def main() -> None:
    bench = Bench("bench.starts")
    few, many = bench.plan.size(5), bench.plan.size(10)
    plain: list[tuple[str, Background, Callable[[servers.Address], None], int]] = [
        ("a hand-written thread", servers.hand_written_thread, first_echo, many),
        ("asyncio in a thread", servers.asyncio_in_a_thread, first_echo, many),
        ("socketserver in a thread", servers.socketserver_in_a_thread, first_echo, few),
        ("pytest-httpserver", servers.http_server, first_answer, few),
    ]
    bench.runner.bench_func("LiveServer", recorded, many, inner_loops=many)
    for name, background, use, times in plain:
        bench.runner.bench_func(name, start_and_stop, background, use, times, inner_loops=times)


if __name__ == "__main__":
    main()
