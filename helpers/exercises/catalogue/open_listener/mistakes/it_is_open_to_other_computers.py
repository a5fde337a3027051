import socket


def open_listener(backlog):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("", 0))
    listener.listen(backlog)
    return listener
