"""A view while threads do something outside of sockets: timeline() and where answer at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from bench.figures import Goal, Row, spell
from bench.harness import Bench, Plan, timed
from helpers import LiveServer, recording, timeline

LIMIT = 0.1
"""Seconds."""

THREADS = 2

VIEWS = ("timeline()", "where")


def _naps(over: threading.Event) -> None:
    while not over.is_set():
        time.sleep(0.02)


def _computes(over: threading.Event) -> None:
    while not over.is_set():
        sum(range(1000))


WORK: dict[str, Callable[[threading.Event], object]] = {
    "idle": threading.Event.wait,
    "compute": _computes,
    "sleep": _naps,
}


def _goal(view: str, kind: str) -> Goal:
    return Goal(f"{view} while {THREADS} threads {kind}", "", "at most 0.1 s")


NAMES = tuple((view, kind) for view in VIEWS for kind in WORK)
GOALS = tuple(_goal(*name) for name in NAMES)


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.looks", plan)
    rows = []
    for view, kind in NAMES:
        ours = samples[f"{view}, {kind}"]
        rows.append(Row(_goal(view, kind), spell(ours), reached=median(ours) <= LIMIT))
    return rows


@contextmanager
def busy_threads(kind: str) -> Iterator[LiveServer]:
    """A server and other threads, which have each made a call, and now make none."""
    over = threading.Event()
    there = threading.Barrier(THREADS + 1)

    def work() -> None:
        socket.socket().close()
        there.wait()
        WORK[kind](over)

    with recording():
        others = [threading.Thread(target=work) for _ in range(THREADS - 1)]
        for each in others:
            each.start()
        server = LiveServer(work).start()
        there.wait()
        yield server
        over.set()
        server.result(10)
        for each in others:
            each.join()


def look(loops: int, view: str, kind: str) -> float:
    """Seconds of so many looks."""
    with busy_threads(kind) as server:
        spent = 0.0
        for _ in range(loops):
            began = time.perf_counter()
            _ = timeline() if view == "timeline()" else server.where
            spent += time.perf_counter() - began
    return spent


def main() -> None:
    bench = Bench("bench.looks")
    for view, kind in NAMES:
        bench.runner.bench_time_func(f"{view}, {kind}", look, view, kind)


if __name__ == "__main__":
    main()
