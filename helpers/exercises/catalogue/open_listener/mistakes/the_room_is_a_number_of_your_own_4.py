import socket


def open_listener(backlog):
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    listener.listen(0)
    return listener
