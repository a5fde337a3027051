"""An echo server: it sends back every byte that a client sends.

    python echo_server.py -p 8888
    python echo_server.py -p 0                    the system chooses a free port
    python echo_server.py -p 8888 --limit 60      a client may be silent for 60 seconds
    python echo_server.py -p 8888 --host 0.0.0.0  other machines may connect too

It serves one client after another until you press Ctrl-C. (If you press it in the very
moment in which a wait begins, Python sees it when that wait ends: press it again.)
While it serves one, the next ones wait, so a client that stays silent for ever keeps
them all waiting. With --limit it is closed. Its peer may not read, either: then the
limit is the time in which one piece of at most 65,536 bytes must be sent.

With --host, whoever can reach your machine can use it. Nothing is checked and nothing
is encrypted. So do that only in a network that you trust, and with --limit.

Exit code: 0 after Ctrl-C, 1 after a failure, 2 when the command line is wrong.
On Windows the system itself ends the program at Ctrl-C, with a code of its own.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port. Port 0: the system chooses one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # create, bind, listen: one call does the three, and picks the right options for each system.
    return socket.create_server((host, port), family=family)


def serve(listener: socket.socket, limit: float | None = None) -> None:
    """Serve one client after another, for ever. Each may be silent for `limit` seconds."""
    while True:
        try:
            conn, address = listener.accept()  # accept
        except ConnectionError:
            continue  # The client was gone before its turn came.
        with conn:  # close: the end of this block does it, whatever happens inside.
            # macOS can hand over a client that is gone already, without its address.
            client = show(address) if address else "unknown client"
            say(f"{client} connected")
            try:
                conn.settimeout(limit)
                count = echo(conn)  # exchange
            except OSError as error:  # A reset, or its time is up. The next client is welcome.
                say(f"{client} lost: {error}")
            else:
                say(f"{client} closed, bytes echoed: {count}")


def echo(conn: socket.socket) -> int:
    """Send back all that comes until the peer ends its side. Return how many bytes."""
    count = 0
    while data := conn.recv(65536):
        conn.sendall(data)
        count += len(data)
    return count


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
        sys.exit(f"echo_server: cannot print: {error.strerror}")


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
    parser = argparse.ArgumentParser(description="Send back every byte that a client sends.")
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
        sys.exit(f"echo_server: {error.strerror or error}")


if __name__ == "__main__":
    if sys.platform == "win32":
        # On Windows, Ctrl-C does not wake a program that waits in accept() or recv():
        # https://github.com/python/cpython/issues/85609. So let the system end the program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main()
