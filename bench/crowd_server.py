"""The server of `crowd`, in a process of its own: `solution` or `asyncio`. Prints its port."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

from bench.descriptors import allow_descriptors
from bench.harness import ROOT

SOLUTION = ROOT / "helpers" / "exercises" / "catalogue" / "echo_server" / "solution.py"

BACKLOG = 1024


def solution(listener: socket.socket) -> None:
    """The final exercise of lesson 12, as its solution stands."""
    names: dict[str, Any] = {}
    exec(SOLUTION.read_text(encoding="utf-8"), names)
    names["echo_server"](listener)


async def asyncio_echo(listener: socket.socket) -> None:
    """The echo server of asyncio's documentation, for as long as the client speaks."""
    server = await asyncio.start_server(_echo, sock=listener)
    await server.serve_forever()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


def main() -> None:
    allow_descriptors(5000)
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        print(listener.getsockname()[1], flush=True)
        if sys.argv[1] == "solution":
            solution(listener)
        else:
            asyncio.run(asyncio_echo(listener))


if __name__ == "__main__":
    main()
