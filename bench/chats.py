"""Three ways to serve 1,000 clients: time and memory of the chat programs, beside asyncio's server.

    python -m bench.chats          writes the table of docs/chat-servers.md

Each server runs in a process of its own, and the clients in this one. All of them connect first.
Then ten of them say a line each, one after another, and each time all others read it. Asyncio's own
server is the measure: start_server() with a set of writers, as in its documentation, without a
limit for a line or for a client that does not read.

Memory is what the system counts for the process (psutil), more than before the first client.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

import psutil

from bench import machine, table
from bench.descriptors import allow_descriptors
from bench.harness import ROOT

CLIENTS = 1000
SPEAKERS = 10
LINE = b"x" * 99 + b"\n"
ROUNDS = 3

PAGE = ROOT / "docs" / "chat-servers.md"
BEGIN, END = "<!-- table: written by `python -m bench.chats` -->", "<!-- end of the table -->"

PLAIN = """
import asyncio
import sys

writers = set()

async def talk(reader, writer):
    writers.add(writer)
    print("connected", flush=True)
    while line := await reader.readline():
        for each in writers - {writer}:
            each.write(line)
    writers.discard(writer)
    writer.close()

async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024)
    print("listening on", ":".join(map(str, server.sockets[0].getsockname())), flush=True)
    await server.serve_forever()

asyncio.run(main())
"""

PROGRAMS = ("chat_threads", "chat_selectors", "chat_asyncio")
MEASURE = "asyncio's own server"


def command(name: str) -> list[str]:
    """How to start a server; it takes as many descriptors as this process may have."""
    if name == MEASURE:
        return [sys.executable, "-c", PLAIN]
    return [sys.executable, str(ROOT / "programs" / f"{name}.py"), "-p", "0"]


@contextmanager
def running(name: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server in a process of its own, and its port."""
    with subprocess.Popen(command(name), stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.kill()


def once(name: str, count: int, speakers: int) -> tuple[float, float, int]:
    """Seconds until all have read all lines, MB more than without clients, and threads."""
    with running(name) as (process, port), ExitStack() as stack:
        assert process.stdout is not None
        server = psutil.Process(process.pid)
        before = server.memory_info().rss
        crowd = []
        for _ in range(count):
            crowd.append(stack.enter_context(socket.create_connection(("127.0.0.1", port))))
            process.stdout.readline()
        began = time.perf_counter()
        for speaker in crowd[:speakers]:
            speaker.sendall(LINE)
            for other in crowd:
                if other is not speaker and other.recv(len(LINE), socket.MSG_WAITALL) != LINE:
                    raise ConnectionError(f"{name} has lost a line")
        seconds = time.perf_counter() - began
        return seconds, (server.memory_info().rss - before) / 1e6, server.num_threads()


def rows(count: int = CLIENTS, speakers: int = SPEAKERS, rounds: int = ROUNDS) -> list[str]:
    """The table in Markdown: the servers take turns in each round."""
    allow_descriptors(count + 200)
    found: dict[str, list[tuple[float, float, int]]] = {}
    for _ in range(rounds):
        for name in (*PROGRAMS, MEASURE):
            found.setdefault(name, []).append(once(name, count, speakers))
    measure = median(each[0] for each in found[MEASURE])
    lines = ["| server | time | against the measure | memory | threads |", "|---|---|---|---|---|"]
    for name, each in found.items():
        seconds, memory = median(one[0] for one in each), median(one[1] for one in each)
        title = f"`{name}.py`" if name in PROGRAMS else name
        times = f"{seconds * 1000:.0f} ms | {seconds / measure:.2f}"
        lines.append(f"| {title} | {times} | {memory:.1f} MB | {each[0][2]:,} |")
    return lines


def main() -> None:
    text = "\n".join(rows())
    on = f"Measured on {machine.description()}. Load average at the start: {machine.load()}."
    table.put(PAGE, f"{on}\n\n{text}", BEGIN, END)
    print(text)


if __name__ == "__main__":
    main()
