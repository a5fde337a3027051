import socket


def open_two():
    """Return two open IPv4 sockets: first a TCP socket, then a UDP socket."""
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return tcp, udp
