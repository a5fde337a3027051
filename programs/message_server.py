"""A message server: it sends back every message that a client sends.

    python message_server.py -p 8888
    python message_server.py -p 0                    the system chooses a free port
    python message_server.py -p 8888 --limit 5       each message must come within 5 seconds
    python message_server.py -p 8888 --size 1000     no message may have more than 1000 bytes
    python message_server.py -p 8888 --host 0.0.0.0  other machines may connect too

Before each message stand four bytes: its length, as a whole number without a sign, in
network byte order. A message may be empty, and may have any bytes.

Each client has a thread of its own, so none waits for another, until 100 are connected. The
next ones wait until one of these has ended. A client is closed when it announces too long a
message, ends inside one, or does not send or read a whole one in time. So one that sends a
byte now and then keeps its place for no longer than one that is silent.

With --host, whoever can reach your machine can use it. Nothing is checked and nothing
is encrypted. So do that only in a network that you trust.

It serves until you press Ctrl-C. Exit code: 0 then, 1 after a failure, 2 when the command
line is wrong. On Windows the system itself ends the program at Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator

HEADER = struct.Struct("!I")  # The length of a message: four bytes, network byte order.
PIECE = 65536  # Bytes of one recv(): a header alone must not make room for 4 GB.
CLIENTS = 100  # At the same time. Each may take a thread and the memory of two messages.


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port. Port 0: the system chooses one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # create, bind, listen: one call does the three, and picks the right options for each system.
    return socket.create_server((host, port), family=family)


def serve(listener: socket.socket, size: int, limit: float) -> None:
    """Answer each client in a thread, until an error or Ctrl-C. Then end all of them."""
    places = threading.BoundedSemaphore(CLIENTS)
    clients: dict[threading.Thread, socket.socket] = {}

    def talk(conn: socket.socket, client: str) -> None:
        try:
            answer(conn, client, size, limit)
        finally:
            places.release()

    try:
        while True:
            places.acquire()
            try:
                conn, address = listener.accept()  # accept
            except ConnectionError:
                places.release()
                continue  # The client was gone before its turn came.
            # macOS can hand over a client that is gone already, without its address.
            client = show(address) if address else "unknown client"
            say(f"{client} connected")
            thread = threading.Thread(target=talk, args=(conn, client), daemon=True)
            clients = {each: sock for each, sock in clients.items() if each.is_alive()}
            clients[thread] = conn
            thread.start()
    finally:
        for conn in clients.values():
            with contextlib.suppress(OSError):  # It has ended by itself.
                conn.shutdown(socket.SHUT_RDWR)  # Its thread wakes up, and closes it.
        for thread in clients:
            with contextlib.suppress(RuntimeError):  # Ctrl-C came before it was started.
                thread.join()


def answer(conn: socket.socket, client: str, size: int, limit: float) -> None:
    """Send back each message until the peer ends, breaks a rule, or is too slow."""
    count = 0
    with conn:  # close: the end of this block does it, whatever happens inside.
        try:
            for message in read_messages(conn, size, limit):  # exchange
                conn.settimeout(limit)  # It covers the whole sendall().
                conn.sendall(HEADER.pack(len(message)) + message)
                count += 1
        except (OSError, EOFError, ValueError) as error:
            say(f"{client} lost: {error}")
        else:
            say(f"{client} closed, messages answered: {count}")


def read_messages(conn: socket.socket, size: int, limit: float) -> Iterator[bytes]:
    """Yield each message until the peer ends. Each may take `limit` seconds.

    Raises EOFError if the stream ends inside a message, ValueError if one is longer than
    `size` bytes, TimeoutError if it takes too long.
    """
    while True:
        deadline = time.monotonic() + limit
        header = read_up_to(conn, HEADER.size, deadline)
        if not header:
            return
        if len(header) < HEADER.size:
            raise EOFError("the stream ended inside a header")
        [length] = HEADER.unpack(header)
        if length > size:
            raise ValueError(f"a message of {length} bytes, and {size} are allowed")
        message = read_up_to(conn, length, deadline)
        if len(message) < length:
            raise EOFError(f"the stream ended after {len(message)} of {length} bytes")
        yield message


def read_up_to(conn: socket.socket, n: int, deadline: float) -> bytes:
    """Return n bytes, or fewer if the peer ends before. Raises TimeoutError at the deadline."""
    data = bytearray()
    while len(data) < n:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        conn.settimeout(left)
        piece = conn.recv(min(n - len(data), PIECE))
        if not piece:
            break
        data += piece
    return bytes(data)


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
        print(f"message_server: cannot print: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(1)  # sys.exit() would end this thread only.


def port_number(text: str) -> int:
    """Return the port that text names. For argparse."""
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 0 to 65535")


def byte_count(text: str) -> int:
    """Return the number of bytes that text names. For argparse."""
    if text.isdecimal() and int(text) < 2**32:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of bytes, from 0 to 4294967295")


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
    parser = argparse.ArgumentParser(description="Send back every message that a client sends.")
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
        "--size",
        type=byte_count,
        default=1_000_000,
        help="bytes that a message may have (default: %(default)s)",
    )
    parser.add_argument(
        "--limit",
        type=seconds,
        default=60.0,
        help="seconds in which a message must come, and an answer must be read "
        "(default: %(default)s)",
    )
    args = parser.parse_args()
    try:
        with (
            contextlib.suppress(KeyboardInterrupt),
            open_listener(args.host, args.port) as listener,
        ):
            say(f"listening on {show(listener.getsockname())}")
            serve(listener, args.size, args.limit)
        say("stopped")
    except OSError as error:
        sys.exit(f"message_server: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in accept() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
