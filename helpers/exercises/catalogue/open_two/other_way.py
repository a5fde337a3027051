import socket
from contextlib import ExitStack


def open_two():
    """Return two open IPv4 sockets: first a TCP socket, then a UDP socket."""
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        stack.pop_all()
        return tcp, udp
