import socket


def free_listener():
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.bind(("127.0.0.1", 12345))
    except OSError:
        listener.close()
        raise
    return listener, 12345
