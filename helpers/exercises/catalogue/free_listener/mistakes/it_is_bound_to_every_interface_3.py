import socket


def free_listener():
    listener = socket.create_server(("", 0))
    return listener, listener.getsockname()[1]
