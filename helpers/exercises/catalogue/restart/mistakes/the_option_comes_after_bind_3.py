import socket


def restart(port):
    listener = socket.socket()
    try:
        listener.bind(("127.0.0.1", port))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
