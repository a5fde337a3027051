"""A chat client: it sends the lines that you type, and prints those of the others.

    python chat_client.py -p 8888 -i 127.0.0.1
    python chat_client.py -p 8888 -i 127.0.0.1 < lines.txt    sends them, and leaves

At the end of your input (Ctrl-D, on Windows Ctrl-Z and Enter) it ends its side of the
connection, prints what still comes, and ends when the server has closed.

Your lines are sent as they are. One of more than 1,000 bytes, with its newline, is not sent: a
chat server closes who sends it. The lines of others are taken for UTF-8. What cannot be printed,
such as the escape sequences with which a text could take over your terminal, is shown as \\x1b.

Exit code: 0 when your input has ended, and then the server has closed; 1 after a failure, and
when the server closes before; 2 when the command line is wrong, 130 after Ctrl-C. On Windows the
system itself ends the program at Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

LINE = 1000  # Bytes that a line may have, with its newline.


def run(host: str, port: int) -> None:
    """Send what is typed, and print what comes, until the server closes."""
    has_left = threading.Event()

    def send_lines() -> None:
        with contextlib.suppress(OSError):  # The server has gone. The other thread sees it, too.
            for line in lines(typed):
                if len(line) < LINE:
                    conn.sendall(line + b"\n")
                else:
                    warn(f"this line has more than {LINE} bytes, and was not sent")
            has_left.set()
            conn.shutdown(socket.SHUT_WR)  # The half-close: "that was all". We can still read.

    with socket.create_connection((host, port)) as conn:  # create, connect
        say(f"connection with {show(conn.getpeername())} succeeded")
        # Nothing ends a wait for the keyboard. So this thread ends with the program.
        threading.Thread(target=send_lines, daemon=True).start()
        for line in lines(lambda: conn.recv(65536)):  # exchange
            say(printable(line))
    # close: the end of the `with` block did it.
    if not has_left.is_set():
        sys.exit("chat_client: the server has closed the connection")


def typed() -> bytes:
    """Return the next piece of the input; nothing at its end.

    A thread that stands in sys.stdin.read() at the end of the program holds a lock of Python's
    then, and Python ends with an error. os.read() holds none.
    """
    return os.read(sys.stdin.fileno(), 65536) if sys.stdin else b""


def lines(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield each line of what read() returns, without its newline; a last one may have none."""
    rest = b""
    while data := read():
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
    if rest:
        yield rest


def printable(line: bytes) -> str:
    """Return the line as text that does nothing to a terminal."""
    text = line.removesuffix(b"\r").decode(errors="backslashreplace")
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def show(address: tuple[str, int]) -> str:
    """Return the address as people write it: 127.0.0.1:8888 or [::1]:8888."""
    host, port = address[:2]  # An IPv6 address has two more fields.
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def say(line: str) -> None:
    """Print the line at once. End the program if it cannot be printed."""
    if sys.stdout is None:
        return  # Started without one. Then print() is silent too.
    try:
        encoding = sys.stdout.encoding
        print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except OSError as error:  # The reader is gone, as `head` is when it has its lines.
        # Python prints what is left once more at exit. Send that nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"chat_client: cannot print: {error.strerror}")


def warn(line: str) -> None:
    """Print the line where errors go."""
    print(f"chat_client: {line}", file=sys.stderr)


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
    """Read the command line, and chat until the server closes."""
    parser = argparse.ArgumentParser(description="Send lines to a chat, print those of others.")
    parser.add_argument("-p", "--port", type=port_number, required=True, help="port of the server")
    parser.add_argument(
        "-i", "--host", type=host_name, required=True, help="name or address of the server"
    )
    args = parser.parse_args()
    try:
        run(args.host, args.port)
    except KeyboardInterrupt:
        print("chat_client: interrupted", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"chat_client: {args.host} port {args.port}: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in connect() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
