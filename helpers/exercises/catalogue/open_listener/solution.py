import socket


def open_listener(backlog):
    """Return a listening socket on 127.0.0.1, with room for `backlog` waiting clients."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)  # create
    listener.bind(("127.0.0.1", 0))  # bind
    listener.listen(backlog)  # listen
    return listener
