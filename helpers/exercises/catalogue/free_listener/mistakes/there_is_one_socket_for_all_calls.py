import socket

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def free_listener():
    listener.bind(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]
