import socket


def free_listener():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    port = listener.getsockname()[1]
    listener.bind(("127.0.0.1", port))
    return listener, port
