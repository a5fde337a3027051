import socket


def open_listener(backlog):
    """Return a listening socket on 127.0.0.1, with room for `backlog` waiting clients."""
    return socket.create_server(("127.0.0.1", 0), backlog=backlog)
