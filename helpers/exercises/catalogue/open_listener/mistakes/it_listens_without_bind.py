import socket


def open_listener(backlog):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.listen(backlog)
    return listener
