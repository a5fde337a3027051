import socket


def open_listener(backlog):
    return socket.create_server(("", 0), backlog=backlog)
