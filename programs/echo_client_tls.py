"""An echo client that speaks TLS, and makes sure whom it talks to.

    python echo_client_tls.py -p 8888 -i bank.example -s hello
    python echo_client_tls.py -p 8888 -i 127.0.0.1 --name bank.example --authority ca.pem -s hello

--authority is a PEM file with the authorities that are trusted, and no others are. Without it
those of the system are. --name is the name that the certificate must have: without it, the host.
There is no option that switches the check off.

Exit code: as echo_client.py.
"""

import argparse
import os
import re
import signal
import socket
import ssl
import sys

PIECE = 16384  # Bytes sent in one step. The receive buffer of every system holds more.


def run(host: str, port: int, name: str, authority: str | None, message: bytes) -> None:
    """Talk to the server once and print the echo."""
    context = ssl.create_default_context(cafile=authority)
    with (
        socket.create_connection((host, port)) as plain,  # create, connect
        context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False) as conn,
    ):
        say(f"connection with {name} succeeded, {conn.version()}".encode())
        reply = exchange(conn, message)
    say(f"sent: {message!r}".encode())
    say(b"echo: " + reply)
    if reply != message:
        sys.exit("echo_client_tls: what came back is not what was sent")


def exchange(conn: ssl.SSLSocket, message: bytes) -> bytes:
    """Send message to an echo server, and return as much as comes back of it. Then end TLS.

    There is no half-close in TLS, so the client knows by the count when it has all. It sends in
    pieces, as echo_client.py does, and for the same reason.

    Raises SSLEOFError if the connection ends without close_notify.
    """
    reply = bytearray()
    for start in range(0, len(message), PIECE):
        conn.sendall(message[start : start + PIECE])
        stop = min(start + PIECE, len(message))
        while len(reply) < stop:
            data = conn.recv(65536)
            if not data:
                return bytes(reply)
            reply += data
    conn.unwrap()
    return bytes(reply)


def reason(error: OSError) -> str:
    """Return what went wrong, in words that do not name a place in Python's own source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"not trusted: {error.verify_message}"
    return re.sub(r" ?\(?_ssl\.c:\d+\)?:? ?", "", str(error.strerror or error))


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
        sys.exit(f"echo_client_tls: cannot print: {error.strerror}")


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
    parser = argparse.ArgumentParser(description="Send words over TLS, print the echo.")
    parser.add_argument("-p", "--port", type=port_number, required=True)
    parser.add_argument("-i", "--host", type=host_name, required=True)
    parser.add_argument("--name", help="name in the certificate (default: the host)")
    parser.add_argument("--authority", help="PEM file with the authorities to trust")
    parser.add_argument("-s", "--string", nargs="+", required=True, metavar="WORD")
    args = parser.parse_args()
    try:
        message = os.fsencode(" ".join(args.string))
        run(args.host, args.port, args.name or args.host, args.authority, message)
    except KeyboardInterrupt:
        print("echo_client_tls: interrupted", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"echo_client_tls: {args.host} port {args.port}: {reason(error)}")


if __name__ == "__main__":
    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as in echo_client.py
    main()
