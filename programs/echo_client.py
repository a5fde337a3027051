"""An echo client: it sends words to an echo server and prints what comes back.

    python echo_client.py -p 8888 -i 127.0.0.1 -s hello world

The words travel as one message, joined by spaces. They are encoded as Python encodes
the names of files: in UTF-8 on Windows and macOS, and nearly everywhere on Linux.
It sets no time limit: if the server never answers, press Ctrl-C.

Exit code: 0 when the echo is what was sent, 1 after a failure, 2 when the command
line is wrong, 130 after Ctrl-C. On Windows the system itself ends the program at
Ctrl-C, with a code of its own.
"""

import argparse
import os
import signal
import socket
import sys

PIECE = 16384  # Bytes sent in one step. The receive buffer of every system holds more.


def run(host: str, port: int, message: bytes) -> None:
    """Talk to the server once and print the echo."""
    with socket.create_connection((host, port)) as conn:  # create, connect
        say(f"connection with {show(conn.getpeername())} succeeded".encode())
        reply = exchange(conn, message)  # exchange
    # close: the end of the `with` block did it.
    say(f"sent: {message!r}".encode())
    say(b"echo: " + reply)
    if reply != message:
        sys.exit("echo_client: what came back is not what was sent")


def exchange(conn: socket.socket, message: bytes) -> bytes:
    """Send message to an echo server, half-close, and return all that comes back.

    The server must echo as it reads, and not wait for the end. What comes back is shorter than
    message when the server ends early.
    """
    # Why in pieces? An echo server sends while we send. If we do not read, the buffers on the
    # way fill up, and both sides wait in sendall() for the other to read, for ever. So a piece
    # goes out only when the echo of all before it is back. Then our receive buffer has room for
    # its echo, the server is never stuck in sendall(), and it reads on.
    reply = bytearray()
    for start in range(0, len(message), PIECE):
        while len(reply) < start:
            data = conn.recv(65536)
            if not data:
                return bytes(reply)
            reply += data
        conn.sendall(message[start : start + PIECE])
    conn.shutdown(socket.SHUT_WR)  # The half-close: "that was all". We can still read.
    while data := conn.recv(65536):
        reply += data
    return bytes(reply)


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
        sys.exit(f"echo_client: cannot print: {error.strerror}")


def port_number(text: str) -> int:
    """Return the port that text names. For argparse."""
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port, a whole number from 1 to 65535")


def host_name(text: str) -> str:
    """Return text if it can be a host name or an address. For argparse."""
    try:
        if text.encode("idna"):  # Raises UnicodeError where no host can have this name.
            return text
    except UnicodeError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a host name or an address")


def main() -> None:
    """Read the command line, talk to the server once, print the echo."""
    parser = argparse.ArgumentParser(description="Send words to an echo server, print the echo.")
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
        help="the words to send (one that begins with - so: -s=-x)",
    )
    args = parser.parse_args()
    try:
        run(args.host, args.port, os.fsencode(" ".join(args.string)))
    except KeyboardInterrupt:
        print("echo_client: interrupted", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"echo_client: {args.host} port {args.port}: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in connect() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
