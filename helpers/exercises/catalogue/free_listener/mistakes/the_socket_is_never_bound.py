import socket


def free_listener():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    return listener, listener.getsockname()[1]
