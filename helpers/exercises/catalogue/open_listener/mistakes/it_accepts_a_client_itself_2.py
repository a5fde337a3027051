import socket


def open_listener(backlog):
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        return listener.accept()
