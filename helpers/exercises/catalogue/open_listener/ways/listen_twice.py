import socket


def open_listener(backlog):
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.listen(backlog)  # the last word counts
    return listener
