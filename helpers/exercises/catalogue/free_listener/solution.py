import socket


def free_listener():
    """Return a socket bound to 127.0.0.1 and a free port, not listening, and that port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)  # create
    listener.bind(("127.0.0.1", 0))  # bind
    host, port = listener.getsockname()
    return listener, port
