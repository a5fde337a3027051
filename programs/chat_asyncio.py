"""A chat server by asyncio: each line that a client sends goes to all the others.

    python chat_asyncio.py -p 8888
    python chat_asyncio.py -p 0                    the system chooses a free port
    python chat_asyncio.py -p 8888 --limit 600     a client may be silent for 600 seconds
    python chat_asyncio.py -p 8888 --host 0.0.0.0  other machines may connect too

A line ends with a newline, has at most 1,000 bytes with it, and goes to the others unchanged.
A client that sends a longer one is closed. What stands after its last newline is dropped.

Each client has a task, and all tasks run in one thread. So a client that does not read delays
nobody: its lines wait, in memory of its own. When more than 65,536 bytes wait, it is closed.
When 1,000 clients are connected, or when the system has no descriptor left, the next ones wait
until one of these has ended.

With --host, whoever can reach your machine can use it. Nothing is checked and nothing
is encrypted. So do that only in a network that you trust, and with --limit.

It serves until you press Ctrl-C. Exit code: 0 then, 1 after a failure, 2 when the command
line is wrong.
"""

import argparse
import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

LINE = 1000  # Bytes that a line may have, with its newline.
UNSENT = 65536  # Bytes that may wait for one client.
CLIENTS = 1000  # At the same time. Each takes a task and a descriptor.
NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)  # What accept() fails with when none is left.


Result = TypeVar("Result")


class Client:
    """One client: its stream, in both directions."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.name = name
        self.lost = ""  # Why the server ended it.

    async def lines(self, limit: float | None) -> AsyncIterator[bytes]:
        """Yield each complete line, with its newline. Raises ValueError at one that is too long."""
        rest = b""
        while data := await within(limit, self.reader.read(65536)):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield checked(line) + b"\n"
            checked(rest)

    def give(self, line: bytes) -> None:
        """Send this line, or let it wait. There is no drain(): nobody waits for this client."""
        if not self.writer.is_closing():
            self.writer.write(line)
            if self.writer.transport.get_write_buffer_size() > UNSENT:
                self.cut("it does not read")

    def cut(self, why: str) -> None:
        """End the connection now. What waits is not sent, and the task that reads sees an end."""
        self.lost = self.lost or why
        self.writer.transport.abort()

    async def close(self, limit: float | None) -> None:
        """End the connection when all that waits was sent."""
        self.writer.close()
        await within(limit, self.writer.wait_closed())


class Chat:
    """The clients that are there, and what each of them does."""

    def __init__(self, limit: float | None = None) -> None:
        self._limit = limit
        self._clients: set[Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.BoundedSemaphore(CLIENTS)

    async def serve(self, listener: socket.socket) -> None:
        """Meet clients, until an error or until it is cancelled. Then end all of them."""
        listener.setblocking(False)
        async with asyncio.TaskGroup() as group:  # It cancels its tasks when it is left.
            while True:
                await self._places.acquire()
                try:
                    conn, address = await asyncio.get_running_loop().sock_accept(listener)  # accept
                except OSError as error:
                    self._places.release()
                    if error.errno in NO_DESCRIPTOR and self._tasks:
                        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                    elif not isinstance(error, ConnectionError):
                        raise  # Else the client was gone before its turn came.
                    continue
                # macOS can hand over a client that is gone already, without its address.
                name = show(address) if address else "unknown client"
                task = group.create_task(self._welcome(conn, name))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _welcome(self, conn: socket.socket, name: str) -> None:
        try:
            reader, writer = await asyncio.open_connection(sock=conn)
        except OSError:  # It has gone.
            conn.close()
        else:
            client = Client(reader, writer, name)
            try:
                await self._talk(client)
            finally:
                writer.transport.abort()  # close: nothing happens if it is closed.
                self._clients.discard(client)
        self._places.release()

    async def _talk(self, client: Client) -> None:
        """Serve one client to its end."""
        count = 0
        say(f"{client.name} connected")
        self._clients.add(client)
        try:
            async for line in client.lines(self._limit):  # exchange
                self._give_others(line, client)
                count += 1
                await asyncio.sleep(0)  # Let the others have their turn between two lines.
            self._clients.discard(client)
            await client.close(self._limit)
        except TimeoutError:
            client.cut("timed out")
        except (OSError, ValueError) as error:
            client.cut(str(error))
        except asyncio.CancelledError:
            client.cut("the server stops")
            raise
        finally:
            lost = client.lost
            say(f"{client.name} " + (f"lost: {lost}" if lost else f"closed, lines: {count}"))

    def _give_others(self, line: bytes, sender: Client) -> None:
        """No await stands here, so nobody comes or goes meanwhile: no lock is needed."""
        for client in self._clients:
            if client is not sender:
                client.give(line)


async def serve(listener: socket.socket, limit: float | None = None) -> None:
    """Serve all clients of this listener. Each may be silent for `limit` seconds."""
    await Chat(limit).serve(listener)


async def within(limit: float | None, work: Awaitable[Result]) -> Result:
    """Wait for this at most so many seconds. Raises TimeoutError after them."""
    async with asyncio.timeout(limit):
        return await work


def checked(line: bytes) -> bytes:
    """Return a line without its newline. Raises ValueError if it is too long."""
    if len(line) >= LINE:
        raise ValueError(f"a line of more than {LINE} bytes")
    return line


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port. Port 0: the system chooses one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # create, bind, listen: one call does the three, and picks the right options for each system.
    return socket.create_server((host, port), family=family)


def show(address: tuple[str, int]) -> str:
    """Return the address as people write it: 127.0.0.1:8888 or [::1]:8888."""
    host, port = address[:2]  # An IPv6 address has two more fields.
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def say(line: str) -> None:
    """Print the line at once. End the program if it cannot be printed."""
    try:
        print(line, flush=True)
    except OSError as error:  # The reader is gone, as `head` is when it has its lines.
        # Python prints what is left once more at exit. Send that nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"chat_asyncio: cannot print: {error.strerror}")


def port_number(text: str) -> int:
    """Return the port that text names. For argparse."""
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 0 to 65535")


def seconds(text: str) -> float:
    """Return the number of seconds that text names. For argparse."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= 1_000_000:  # Also refuses nan. More does not fit everywhere.
            return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, more than 0")


def host_name(text: str) -> str:
    """Return text if it can be a host name or an address. For argparse."""
    try:
        if text.encode("idna"):  # Raises UnicodeError where no host can have this name.
            return text
    except UnicodeError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a host name or an address")


def main() -> None:
    """Read the command line and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Send each line of a client to all the others.")
    parser.add_argument(
        "-p", "--port", type=port_number, required=True, help="port to listen on, 0 for a free one"
    )
    parser.add_argument(
        "--host",
        type=host_name,
        default="127.0.0.1",
        help="address to listen on (default: %(default)s, this machine only; with another one, "
        "whoever reaches it may connect)",
    )
    parser.add_argument(
        "--limit", type=seconds, help="seconds that a client may be silent (default: no limit)"
    )
    args = parser.parse_args()
    try:
        with (
            contextlib.suppress(KeyboardInterrupt),
            open_listener(args.host, args.port) as listener,
        ):
            say(f"listening on {show(listener.getsockname())}")
            asyncio.run(serve(listener, args.limit))
        say("stopped")
    except OSError as error:
        sys.exit(f"chat_asyncio: {error.strerror or error}")


if __name__ == "__main__":
    main()
