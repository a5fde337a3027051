import socket
from contextlib import ExitStack


def restart(port):
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        if hasattr(socket, "SO_REUSEPORT"):  # so it is no Windows
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("localhost", port))
        listener.listen(128)
        stack.pop_all()
        return listener
