import socket
from contextlib import ExitStack


def free_listener():
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.settimeout(5)
        listener.bind(("127.0.0.1", 0))
        stack.pop_all()
    return listener, listener.getsockname()[1]
