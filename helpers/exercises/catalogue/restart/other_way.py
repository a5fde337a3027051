import os
import socket


def restart(port):
    """Return a listener on 127.0.0.1 at this port, though an old server has just ended there."""
    listener = socket.socket()
    try:
        if os.name == "posix":  # on Windows the option has another meaning, and is not needed
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
