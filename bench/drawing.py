"""Figure 5: the timeline of 10,000 events, as text and as SVG, and whether it grows linearly."""

from __future__ import annotations

import socket
import time
from functools import cache
from statistics import median

from bench import servers
from bench.echoes import one_byte
from bench.figures import Goal, Row, Samples, paired, spell, spread
from bench.harness import Bench, Plan, timed
from helpers import recording
from helpers.ladder.timeline import Timeline
from helpers.record.events import Event

EVENTS = 10_000
FEWER = EVENTS // 4
LIMIT = 0.3
"""Seconds."""
LINEAR = 4 * 1.25
"""Four times the events may take four times as long, and a quarter of that more."""

KINDS = ("text", "svg")


def _size(kind: str) -> Goal:
    return Goal(f"timeline of 10,000 events, {kind}", "", "at most 0.3 s")


def _linear(kind: str) -> Goal:
    return Goal(
        f"timeline of 10,000 events, {kind}",
        "the same of 2,500 events",
        "linear: at most 5 times (4 and a quarter more)",
    )


GOALS = tuple(goal(kind) for kind in KINDS for goal in (_size, _linear))


def measure(plan: Plan) -> list[Row]:
    samples = timed("bench.drawing", plan)
    return [row for kind in KINDS for row in _rows(kind, samples)]


def _rows(kind: str, samples: Samples) -> list[Row]:
    many, fewer = samples[f"{kind}, all"], samples[f"{kind}, a quarter"]
    growth = paired(many, fewer)
    return [
        Row(_size(kind), spell(many), reached=median(many) <= LIMIT),
        Row(_linear(kind), spell(many), spell(fewer), spread(growth), median(growth) <= LINEAR),
    ]


@cache
def conversation(count: int) -> tuple[Event, ...]:
    """`count` events: a client and a server, one byte there and back."""
    with (
        recording() as log,
        servers.hand_written_thread() as address,
        socket.create_connection(address) as client,
    ):
        one_byte(client, max(1, (count - len(log.events)) // 4))
        while len(log.events) < count:
            client.settimeout(None)
        return log.events[:count]


def draw(loops: int, kind: str, count: int) -> float:
    events = conversation(count)
    spent = 0.0
    for _ in range(loops):
        shown = Timeline(events)  # a new one: it keeps the ladder that it has laid out
        began = time.perf_counter()
        text = shown.text() if kind == "text" else shown.svg()
        spent += time.perf_counter() - began
        assert text
    return spent


def main() -> None:
    bench = Bench("bench.drawing")
    for kind in KINDS:
        for name, full in (("all", EVENTS), ("a quarter", FEWER)):
            arguments = (kind, bench.plan.size(full))
            bench.runner.bench_time_func(f"{kind}, {name}", draw, *arguments)


if __name__ == "__main__":
    main()
