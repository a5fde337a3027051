"""select() with one socket that is ready and many that are idle: recorded, and plain."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import ExitStack, nullcontext

from bench.descriptors import allow_descriptors
from bench.figures import Goal, Row, at_most
from bench.harness import Bench, Plan, timed
from helpers import recording

COUNTS = (10, 100, 1_000, 3_000)
TIMES = 2_000
SPARE = 100
"""Descriptors for all else."""

GOALS = tuple(
    Goal(f"select() over {count:,} idle sockets, recorded", "plain sockets", "at most 3.0 times")
    for count in COUNTS
)


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.idle", plan)
    return [
        at_most(goal, samples[f"{count} recorded"], samples[f"{count} plain"], 3.0)
        for goal, count in zip(GOALS, COUNTS, strict=True)
    ]


def selecting(loops: int, count: int, times: int, seen: bool) -> float:
    """Seconds for the calls alone, in a thread: there each wait could be noted."""
    took: list[float] = []

    def select() -> None:
        with ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            for _ in range(count + 1):
                here, there = socket.socketpair()
                stack.enter_context(here)
                stack.enter_context(there)
                selector.register(here, selectors.EVENT_READ)
            there.sendall(b"x")
            selector.select()
            began = time.perf_counter()
            for _ in range(times * loops):
                selector.select()
            took.append(time.perf_counter() - began)

    with recording() if seen else nullcontext():
        thread = threading.Thread(target=select)
        thread.start()
        thread.join()
    return took[0]


def main() -> None:
    bench = Bench("bench.idle")
    allow_descriptors(2 * max(COUNTS) + SPARE)
    times = bench.plan.size(TIMES)
    for count in COUNTS:
        for how, seen in (("plain", False), ("recorded", True)):
            arguments = (count, times, seen)
            bench.runner.bench_time_func(f"{count} {how}", selecting, *arguments, inner_loops=times)


if __name__ == "__main__":
    main()
