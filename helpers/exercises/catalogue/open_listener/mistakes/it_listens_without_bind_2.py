import socket


def open_listener(backlog):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.listen(backlog)
        return listener
