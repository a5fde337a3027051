import socket


def free_listener():
    for port in range(20000, 32000):
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        return listener, port
