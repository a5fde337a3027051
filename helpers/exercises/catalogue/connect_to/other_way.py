import socket


def connect_to(host, port):
    """Return a socket that is connected to the first address of `host` that can be reached."""
    return socket.create_connection((host, port))
