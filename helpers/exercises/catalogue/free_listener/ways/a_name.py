import socket


def free_listener():
    listener = socket.socket()
    listener.bind(("localhost", 0))
    _, port = listener.getsockname()
    return listener, port
