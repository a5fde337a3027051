import socket


def free_listener():
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]
