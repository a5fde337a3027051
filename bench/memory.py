"""Figure 4: what a million recorded calls leave in memory.

A new connection every thousand calls: what is kept for a socket that is gone would be seen too.
Resident memory, as the system counts it (psutil).
"""

from __future__ import annotations

import socket
import sys

import psutil

from bench.figures import Goal, Row
from bench.harness import Plan, run_module
from helpers import recording

CALLS = 1_000_000
LIMIT = 20.0
"""MB."""

GOAL = Goal("memory after 1,000,000 recorded calls", "before", "at most 20 MB more")
GOALS = (GOAL,)


def measure(plan: Plan) -> list[Row]:
    printed = run_module("bench.memory", str(plan.size(CALLS)))
    before, after = map(float, printed.split())
    more = after - before
    return [
        Row(
            GOAL,
            f"{after:.1f} MB",
            f"{before:.1f} MB",
            f"{after / before:.2f} ({more:+.1f} MB)",
            more <= LIMIT,
        )
    ]


def resident() -> float:
    """MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


def talk(calls: int) -> None:
    """Two recorded sockets in one thread: send, receive, send, receive ..."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        left = calls
        while left > 0:
            with socket.create_connection(listener.getsockname()) as client:
                conn, _ = listener.accept()
                with conn:
                    for count in range(min(left, 1000) // 2):
                        client.sendall(bytes(1 + count % 100))
                        conn.recv(100)
            left -= 1000


def main() -> None:
    with recording():
        before = resident()
        talk(int(sys.argv[1]))
        print(before, resident())


if __name__ == "__main__":
    main()
