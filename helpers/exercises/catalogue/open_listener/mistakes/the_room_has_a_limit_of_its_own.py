import socket


def open_listener(backlog):
    return socket.create_server(("127.0.0.1", 0), backlog=max(1, backlog))
