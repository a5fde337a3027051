import socket


def open_listener(backlog):
    listeners = []
    for _ in range(backlog):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listeners.append(listener)
    return listeners
