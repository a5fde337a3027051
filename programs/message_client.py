"""A message client: it sends each word as one message, and prints the answers.

    python message_client.py -p 8888 -i 127.0.0.1 -s hello "two words" ""
    python message_client.py -p 8888 -i 127.0.0.1 --limit 5 -s hello

Before each message stand four bytes: its length, as a whole number without a sign, in
network byte order. The next message goes out when the answer to the one before is here.

The words are encoded as Python encodes the names of files: in UTF-8 on Windows and macOS,
and nearly everywhere on Linux. An answer may have 1,000,000 bytes, or as many as the longest
word, if that has more. The whole of it must come within --limit seconds.

Exit code: 0 when each answer is what was sent, 1 after a failure, 2 when the command
line is wrong, 130 after Ctrl-C. On Windows the system itself ends the program at
Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import os
import signal
import socket
import struct
import sys
import time
from collections.abc import Sequence

HEADER = struct.Struct("!I")  # The length of a message: four bytes, network byte order.
PIECE = 65536  # Bytes of one recv(): a header alone must not make room for 4 GB.
SIZE = 1_000_000  # Bytes that an answer may have.


def run(host: str, port: int, messages: Sequence[bytes], limit: float) -> None:
    """Send each message, and print the answer to it."""
    with socket.create_connection((host, port), timeout=limit) as conn:  # create, connect
        say(f"connection with {show(conn.getpeername())} succeeded".encode())
        for message in messages:
            say(f"sent: {message!r}".encode())
            reply = ask(conn, message, max(SIZE, len(message)), limit)  # exchange
            say(b"answer: " + reply)
            if reply != message:
                sys.exit("message_client: what came back is not what was sent")
    # close: the end of the `with` block did it.


def ask(conn: socket.socket, message: bytes, size: int, limit: float) -> bytes:
    """Send one message, and return the answer, which may have `size` bytes.

    Sending may take `limit` seconds, and so may the answer: TimeoutError. Raises EOFError if the
    stream ends before the answer does, ValueError if the answer is too long.
    """
    conn.settimeout(limit)  # It covers the whole sendall().
    conn.sendall(HEADER.pack(len(message)) + message)
    deadline = time.monotonic() + limit
    [length] = HEADER.unpack(read_exactly(conn, HEADER.size, deadline))
    if length > size:
        raise ValueError(f"an answer of {length} bytes, and {size} are allowed")
    return read_exactly(conn, length, deadline)


def read_exactly(conn: socket.socket, n: int, deadline: float) -> bytes:
    """Return n bytes. Raises EOFError if the peer ends before, TimeoutError at the deadline."""
    data = bytearray()
    while len(data) < n:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        conn.settimeout(left)
        piece = conn.recv(min(n - len(data), PIECE))
        if not piece:
            raise EOFError(f"the server ended after {len(data)} of {n} bytes")
        data += piece
    return bytes(data)


def show(address: tuple[str, int]) -> str:
    """Return the address as people write it: 127.0.0.1:8888 or [::1]:8888."""
    host, port = address[:2]  # An IPv6 address has two more fields.
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def say(line: bytes) -> None:
    """Print the line at once, byte for byte. End the program if it cannot be printed."""
    if sys.stdout is None:
        return  # Started without one. Then print() is silent too.
    try:
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:  # The reader is gone, as `head` is when it has its lines.
        # Python prints what is left once more at exit. Send that nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"message_client: cannot print: {error.strerror}")


def port_number(text: str) -> int:
    """Return the port that text names. For argparse."""
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 1 to 65535")


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
    """Read the command line, talk to the server, print the answers."""
    parser = argparse.ArgumentParser(description="Send words as messages, print the answers.")
    parser.add_argument("-p", "--port", type=port_number, required=True, help="port of the server")
    parser.add_argument(
        "-i", "--host", type=host_name, required=True, help="name or address of the server"
    )
    parser.add_argument(
        "-s",
        "--string",
        nargs="+",
        required=True,
        metavar="WORD",
        help="the words to send, each as one message (one that begins with - so: -s=-x)",
    )
    parser.add_argument(
        "--limit",
        type=seconds,
        default=60.0,
        help="seconds in which an answer must come (default: %(default)s)",
    )
    args = parser.parse_args()
    messages = [os.fsencode(word) for word in args.string]
    try:
        run(args.host, args.port, messages, args.limit)
    except KeyboardInterrupt:
        print("message_client: interrupted", file=sys.stderr)
        sys.exit(130)
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        sys.exit(f"message_client: {args.host} port {args.port}: {reason}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in connect() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
