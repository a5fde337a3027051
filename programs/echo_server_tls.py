"""An echo server that speaks TLS: nobody else reads or changes what it echoes.

    python echo_server_tls.py -p 8888 --certificate bank.pem
    python echo_server_tls.py -p 8888 --certificate bank.pem --key bank.key

The file of the certificate has the certificate of this server and those up to the authority, in
PEM. The private key may stand in the same file. Whoever can read the key can be this server.

It takes the options of echo_server.py, and has a thread for each client. The handshake is made
there, so a client that is silent in it delays nobody; after --handshake seconds it is closed. The
limit of --limit begins after the handshake.

Exit code: as echo_server.py.
"""

import argparse
import contextlib
import os
import re
import signal
import socket
import ssl
import sys
import threading


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on host and port. Port 0: the system chooses one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # create, bind, listen: one call does the three, and picks the right options for each system.
    return socket.create_server((host, port), family=family)


def server_context(certificate: str, key: str | None) -> ssl.SSLContext:
    """Return a context with this certificate. Raises OSError, also where the files do not fit."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A key with a password would ask for it at a terminal that may not be there.
    context.load_cert_chain(certificate, key, password="")
    return context


def serve(
    listener: socket.socket, context: ssl.SSLContext, handshake: float, limit: float | None
) -> None:
    """Serve each client in a thread of its own, for ever."""
    while True:
        try:
            conn, address = listener.accept()  # accept, and nothing else: it must not wait
        except ConnectionError:
            continue  # The client was gone before its turn came.
        client = show(address) if address else "unknown client"
        arguments = conn, client, context, handshake, limit
        threading.Thread(target=serve_client, args=arguments, daemon=True).start()


def serve_client(
    plain: socket.socket,
    client: str,
    context: ssl.SSLContext,
    handshake: float,
    limit: float | None,
) -> None:
    """Make the handshake with one client, echo, and end TLS."""
    with plain:
        try:
            plain.settimeout(handshake)
            with context.wrap_socket(plain, server_side=True) as conn:
                say(f"{client} connected, {conn.version()}")
                conn.settimeout(limit)
                count = echo(conn)
                conn.unwrap()  # close_notify: the client knows that nothing was cut off
        except OSError as error:  # A failed handshake is one too.
            say(f"{client} lost: {reason(error)}")
        else:
            say(f"{client} closed, bytes echoed: {count}")


def echo(conn: socket.socket) -> int:
    """Send back all that comes until the peer ends its side. Return how many bytes."""
    count = 0
    while data := conn.recv(65536):
        conn.sendall(data)
        count += len(data)
    return count


def reason(error: OSError) -> str:
    """Return what went wrong, without the place in Python's own source."""
    return re.sub(r" ?\(?_ssl\.c:\d+\)?:? ?", "", str(error.strerror or error))


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
        sys.exit(f"echo_server_tls: cannot print: {error.strerror}")


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
    parser = argparse.ArgumentParser(description="Send back every byte of a client, over TLS.")
    parser.add_argument("-p", "--port", type=port_number, required=True)
    parser.add_argument("--certificate", required=True, help="PEM file with the certificate")
    parser.add_argument("--key", help="PEM file with the private key, if it is in another file")
    parser.add_argument("--host", type=host_name, default="127.0.0.1")
    parser.add_argument("--handshake", type=seconds, default=10.0, help="seconds (default: 10)")
    parser.add_argument("--limit", type=seconds, help="seconds of a client's silence")
    args = parser.parse_args()
    try:
        context = server_context(args.certificate, args.key)
        with (
            contextlib.suppress(KeyboardInterrupt),
            open_listener(args.host, args.port) as listener,
        ):
            say(f"listening on {show(listener.getsockname())}")
            serve(listener, context, args.handshake, args.limit)
        say("stopped")
    except OSError as error:
        sys.exit(f"echo_server_tls: {reason(error)}")


if __name__ == "__main__":
    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as in echo_server.py
    main()
