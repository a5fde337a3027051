"""A blocking call to a server in asyncio's loop of the same thread: the Deadlock says so."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers import HERE
from test_extension import kernel as kernel  # the fixture

from helpers import Deadlock, LiveServer, patience

SAYS = "^the server can run only when this cell ends, or awaits"


async def upper(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write((await reader.read(99)).upper())
    await writer.drain()
    writer.close()


def create(address: Any) -> socket.socket:
    return socket.create_connection(address)


def by_connect(address: Any) -> socket.socket:
    made = socket.socket()
    made.connect(address)
    return made


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("make", [create, by_connect])
def test_a_blocking_client_of_a_server_in_the_same_loop(
    make: Callable[[Any], socket.socket], host: str
) -> None:
    async def main() -> None:
        server = await asyncio.start_server(upper, host, 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with make(("127.0.0.1", port)) as client:
                client.sendall(b"x")
                with pytest.raises(Deadlock, match=SAYS) as told:
                    client.recv(100)
                assert ".recv(100) for 127.0.0.1" in str(told.value)
                assert "Use await" in str(told.value)
                assert "LiveServer" in str(told.value)
                assert await asyncio.to_thread(client.recv, 100) == b"X"

    asyncio.run(main())


def deadlock_of(client: socket.socket) -> str:
    with pytest.raises(Deadlock) as told:
        client.recv(1)
    return str(told.value)


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.transport.sendto(data, address)


@pytest.mark.usefixtures("recorded")
def test_a_blocking_client_of_datagrams() -> None:
    async def main() -> None:
        patience(0.2)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Echo, HERE)
        with contextlib.closing(transport), socket.socket(type=socket.SOCK_DGRAM) as client:
            client.sendto(b"x", transport.get_extra_info("sockname"))
            with pytest.raises(Deadlock, match=SAYS):
                client.recvfrom(100)

    asyncio.run(main())


@pytest.mark.posix_only
@pytest.mark.usefixtures("recorded")
def test_a_blocking_client_of_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def main() -> None:
        async with await asyncio.start_unix_server(upper, "s"):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect("s")
                client.sendall(b"x")
                with pytest.raises(Deadlock, match=SAYS):
                    client.recv(100)

    asyncio.run(main())


@pytest.mark.usefixtures("recorded")
def test_a_wait_for_somebody_else_is_not_the_loops_fault() -> None:
    def silent() -> None:
        with socket.create_server(HERE) as listener, listener.accept()[0] as conn:
            conn.recv(1)

    async def main() -> None:
        async with await asyncio.start_server(upper, "127.0.0.1", 0):
            with LiveServer(silent) as live, socket.create_connection(live.address) as client:
                told = deadlock_of(client)
                assert told.startswith("every side waits")

    asyncio.run(main())
    assert "asyncio" in sys.modules


def test_a_notebook_says_so(kernel: Any) -> None:
    kernel.run(
        "import asyncio\n"
        "async def handle(reader, writer):\n"
        "    writer.write((await reader.read(99)).upper()); writer.close()\n"
        "serving = await asyncio.start_server(handle, '127.0.0.1', 0)"
    )
    shown = kernel.run(
        "client = socket.create_connection(serving.sockets[0].getsockname())\n"
        "client.sendall(b'x')\nclient.recv(100)"
    )
    assert "the server can run only when this cell ends" in shown
    assert kernel.run("await asyncio.to_thread(client.recv, 100)") == "b'X'\n"
    kernel.run("client.close(); serving.close()")
