"""A chat server: each line that a client sends goes to all the others.

    python chat_threads.py -p 8888
    python chat_threads.py -p 0                    the system chooses a free port
    python chat_threads.py -p 8888 --limit 600     a client may be silent for 600 seconds
    python chat_threads.py -p 8888 --host 0.0.0.0  other machines may connect too

A line ends with a newline, has at most 1,000 bytes with it, and goes to the others unchanged.
A client that sends a longer one is closed. What stands after its last newline is dropped.

Each client has two threads: one reads, and one sends. So a client that does not read delays
nobody: its lines wait, in memory of its own. When more than 65,536 bytes wait, it is closed.
When 1,000 clients are connected, or when the system has no descriptor left, the next ones wait
until one of these has ended.

With --host, whoever can reach your machine can use it. Nothing is checked and nothing
is encrypted. So do that only in a network that you trust, and with --limit.

It serves until you press Ctrl-C. Exit code: 0 then, 1 after a failure, 2 when the command
line is wrong. On Windows the system itself ends the program at Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

LINE = 1000  # Bytes that a line may have, with its newline.
UNSENT = 65536  # Bytes that may wait for one client.
CLIENTS = 1000  # At the same time. Each takes two threads and a descriptor.
NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)  # What accept() fails with when none is left.


class Client:
    """One client: its socket, and the bytes that wait to be sent to it."""

    def __init__(self, conn: socket.socket, name: str) -> None:
        self.conn = conn
        self.name = name
        self.lost = ""  # Why the server ended it.
        self._unsent = bytearray()
        self._ended = False
        self._changed = threading.Condition()  # Guards the three above.

    def lines(self) -> Iterator[bytes]:
        """Yield each complete line, with its newline. Raises ValueError at one that is too long."""
        rest = b""
        while data := self.conn.recv(65536):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield checked(line) + b"\n"
            checked(rest)

    def give(self, line: bytes) -> None:
        """Let this line wait until it is sent. The threads of other clients call it."""
        with self._changed:
            if self._ended:
                return
            self._unsent += line
            if len(self._unsent) > UNSENT:
                self._unsent.clear()
                self._cut("it does not read")
            self._changed.notify()

    def send(self) -> None:
        """Send what waits, until the end. The second thread of this client runs it."""
        try:
            while data := self._next():
                self.conn.sendall(data)  # No lock is held: this may take for ever.
                with self._changed:
                    del self._unsent[: len(data)]
        except OSError as error:
            with self._changed:
                self._cut(str(error))

    def _next(self) -> bytes:
        """Wait for something to send. Nothing: it has ended, and all was sent."""
        with self._changed:
            self._changed.wait_for(lambda: self._unsent or self._ended)
            return bytes(self._unsent)

    def end(self) -> None:
        """Give it no more. What waits is still sent."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def cut(self, why: str) -> None:
        """End the connection now. Both of its threads wake up, and the one that reads closes it."""
        with self._changed:
            self._cut(why)
            self._changed.notify()

    def _cut(self, why: str) -> None:
        self.lost = self.lost or why
        self._ended = True
        with contextlib.suppress(OSError):  # The peer was faster.
            self.conn.shutdown(socket.SHUT_RDWR)


class Chat:
    """The clients that are there, and what each of them does."""

    def __init__(self) -> None:
        self._clients: dict[Client, threading.Thread] = {}
        self._lock = threading.Lock()  # Guards the clients. Nobody sends while it is held.
        self._places = threading.BoundedSemaphore(CLIENTS)

    def serve(self, listener: socket.socket, limit: float | None = None) -> None:
        """Meet clients, until an error or Ctrl-C. Then end all of them."""
        try:
            while True:
                self._places.acquire()
                try:
                    conn, address = listener.accept()  # accept
                except OSError as error:
                    if isinstance(error, ConnectionError):
                        self._places.release()  # The client was gone before its turn came.
                    elif error.errno not in NO_DESCRIPTOR:
                        raise
                    # Without a descriptor this place stays taken: so many clients, and no more.
                    continue
                conn.settimeout(limit)
                # macOS can hand over a client that is gone already, without its address.
                self._welcome(Client(conn, show(address) if address else "unknown client"))
        finally:
            with self._lock:
                left = dict(self._clients)
            for client in left:
                client.cut("the server stops")
            for thread in left.values():
                with contextlib.suppress(RuntimeError):  # Ctrl-C came before it was started.
                    thread.join()

    def _welcome(self, client: Client) -> None:
        thread = threading.Thread(target=self._talk, args=(client,), daemon=True)
        with self._lock:
            self._clients[client] = thread
        thread.start()

    def _talk(self, client: Client) -> None:
        """Serve one client to its end."""
        count, lost = 0, ""
        sender = threading.Thread(target=client.send, daemon=True)
        say(f"{client.name} connected")
        with client.conn:  # close: the end of this block does it, when both threads are done.
            sender.start()
            try:
                for line in client.lines():  # exchange
                    self._give_others(line, client)
                    count += 1
                client.end()
            except (OSError, ValueError) as error:
                lost = str(error)
                client.cut(lost)
            sender.join()
            with self._lock:
                del self._clients[client]
        lost = client.lost or lost
        say(f"{client.name} " + (f"lost: {lost}" if lost else f"closed, lines: {count}"))
        self._places.release()

    def _give_others(self, line: bytes, sender: Client) -> None:
        with self._lock:
            for client in self._clients:
                if client is not sender:
                    client.give(line)


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
    """Print the line at once, whole. End the program if it cannot be printed."""
    if sys.stdout is None:
        return  # Started without one. Then print() is silent too.
    try:
        sys.stdout.write(f"{line}\n")  # One call: lines of two threads do not mix.
        sys.stdout.flush()
    except OSError as error:  # The reader is gone, as `head` is when it has its lines.
        print(f"chat_threads: cannot print: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)  # sys.exit() would end this thread only.


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
            Chat().serve(listener, args.limit)
        say("stopped")
    except OSError as error:
        sys.exit(f"chat_threads: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in accept() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
