import socket

listener = socket.create_server(("127.0.0.1", 0))


def open_listener(backlog):
    listener.listen(backlog)
    return listener
