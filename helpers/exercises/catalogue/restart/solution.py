import socket


def restart(port):
    """Return a listener on 127.0.0.1 at this port, though an old server has just ended there."""
    return socket.create_server(("127.0.0.1", port))
