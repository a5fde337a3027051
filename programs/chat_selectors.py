"""A chat server in one thread: each line that a client sends goes to all the others.

    python chat_selectors.py -p 8888
    python chat_selectors.py -p 0                    the system chooses a free port
    python chat_selectors.py -p 8888 --limit 600     a client may be silent for 600 seconds
    python chat_selectors.py -p 8888 --host 0.0.0.0  other machines may connect too

A line ends with a newline, has at most 1,000 bytes with it, and goes to the others unchanged.
A client that sends a longer one is closed. What stands after its last newline is dropped.

It waits in one place only, in a selector, and for all clients at the same time. So a client that
does not read delays nobody: its lines wait, in memory of its own. When more than 65,536 bytes
wait, it is closed. When 1,000 clients are connected (500 on Windows), or when the system has no
descriptor left, the next ones wait until one of these has ended.

With --host, whoever can reach your machine can use it. Nothing is checked and nothing
is encrypted. So do that only in a network that you trust, and with --limit.

It serves until you press Ctrl-C. Exit code: 0 then, 1 after a failure, 2 when the command
line is wrong. On Windows the system itself ends the program at Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import errno
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Iterator

LINE = 1000  # Bytes that a line may have, with its newline.
UNSENT = 65536  # Bytes that may wait for one client.
PIECE = 65536  # Bytes of one recv().
CLIENTS = 500 if sys.platform == "win32" else 1000  # There select() takes 512 sockets.
NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)  # What accept() fails with when none is left.


class Client:
    """One client: its socket, the beginning of its next line, and what waits to be sent to it."""

    def __init__(self, conn: socket.socket, name: str) -> None:
        self.conn = conn
        self.name = name
        self.line = b""
        self.unsent = bytearray()
        self.count = 0  # Lines that it has sent.
        self.has_ended = False  # It sends nothing more.
        self.heard = time.monotonic()  # When something came from it for the last time.

    def wanted(self) -> int:
        """Return what to wait for. Nothing: this client is finished."""
        reads = 0 if self.has_ended else selectors.EVENT_READ
        writes = selectors.EVENT_WRITE if self.unsent else 0  # Else it would be ready at once.
        return reads | writes

    def lines(self) -> Iterator[bytes]:
        """Receive once, and yield each line that is complete now. Raises ValueError at a long one.

        Ready says that something has come: a part of a line, or several lines, or the end.
        """
        data = self.conn.recv(PIECE)
        self.has_ended = not data
        *whole, self.line = (self.line + data).split(b"\n")
        for line in whole:
            yield checked(line) + b"\n"
            self.count += 1
        checked(self.line)

    def send(self) -> None:
        """Send what there is room for. The rest waits."""
        count = self.conn.send(self.unsent)
        del self.unsent[:count]


class Chat:
    """The clients that are there, and the one place where the program waits for all of them."""

    def __init__(self, listener: socket.socket, limit: float | None = None) -> None:
        self.listener = listener
        self.limit = limit
        self.selector = selectors.DefaultSelector()
        self.clients: dict[Client, None] = {}  # Who has been silent for longest is the first.
        self.is_full = False  # Nobody is accepted now.

    def serve(self) -> None:
        """Serve all clients, until an error or Ctrl-C. Then close each of them."""
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ)
        try:
            while True:
                for key, events in self.selector.select(self.time_left()):
                    if key.data is None:
                        self.meet()
                    elif key.data in self.clients:  # Else another one has just had it closed.
                        self.serve_client(key.data, events)
                self.end_silent()
        finally:
            for client in self.clients:
                client.conn.close()  # close
            self.selector.close()

    def meet(self) -> None:
        """Accept one client. If one more is there, select() says so again."""
        try:
            conn, address = self.listener.accept()  # accept
        except (BlockingIOError, ConnectionError):
            return  # The client was gone before its turn came.
        except OSError as error:
            if error.errno not in NO_DESCRIPTOR or not self.clients:
                raise
            self.stop_to_accept()
            return
        conn.setblocking(False)
        # macOS can hand over a client that is gone already, without its address.
        client = Client(conn, show(address) if address else "unknown client")
        say(f"{client.name} connected")
        self.clients[client] = None
        self.selector.register(conn, client.wanted(), client)
        if len(self.clients) == CLIENTS:
            self.stop_to_accept()

    def stop_to_accept(self) -> None:
        """Leave the next clients in the queue until one of these has ended."""
        self.selector.unregister(self.listener)
        self.is_full = True

    def serve_client(self, client: Client, events: int) -> None:
        """Do what can be done for this client without waiting."""
        try:
            if events & selectors.EVENT_READ:
                for line in client.lines():  # exchange
                    self.give_others(line, client)
                client.heard = time.monotonic()
                self.clients[client] = self.clients.pop(client)  # Now it is the last.
            if events & selectors.EVENT_WRITE:
                client.send()
        except BlockingIOError:
            pass  # It was not ready after all.
        except (OSError, ValueError) as error:
            self.end(client, str(error))
            return
        self.watch(client)

    def give_others(self, line: bytes, sender: Client) -> None:
        """Let this line wait for each of the others."""
        for client in [each for each in self.clients if each is not sender]:
            client.unsent += line
            if len(client.unsent) > UNSENT:
                self.end(client, "it does not read")
            else:
                self.watch(client)

    def watch(self, client: Client) -> None:
        """Wait for what this client needs now."""
        wanted = client.wanted()
        if not wanted:
            self.end(client)
        elif wanted != self.selector.get_key(client.conn).events:
            self.selector.modify(client.conn, wanted, client)

    def end(self, client: Client, lost: str = "") -> None:
        """Forget this client, and close its connection."""
        del self.clients[client]
        self.selector.unregister(client.conn)
        client.conn.close()  # close
        say(f"{client.name} " + (f"lost: {lost}" if lost else f"closed, lines: {client.count}"))
        if self.is_full:
            self.selector.register(self.listener, selectors.EVENT_READ)
            self.is_full = False

    def time_left(self) -> float | None:
        """Return the seconds until the limit of the first client is over."""
        if self.limit is None or not self.clients:
            return None
        first = next(iter(self.clients))
        return max(0.0, first.heard + self.limit - time.monotonic())

    def end_silent(self) -> None:
        """End those that have been silent for too long."""
        while self.clients and self.time_left() == 0:
            self.end(next(iter(self.clients)), "timed out")


def checked(line: bytes) -> bytes:
    """Return a line without its newline. Raises ValueError if it is too long."""
    if len(line) >= LINE:
        raise ValueError(f"a line of more than {LINE} bytes")
    return line


def serve(listener: socket.socket, limit: float | None = None) -> None:
    """Serve all clients of this listener. Each may be silent for `limit` seconds."""
    Chat(listener, limit).serve()


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
        sys.exit(f"chat_selectors: cannot print: {error.strerror}")


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
            serve(listener, args.limit)
        say("stopped")
    except OSError as error:
        sys.exit(f"chat_selectors: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in select():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
