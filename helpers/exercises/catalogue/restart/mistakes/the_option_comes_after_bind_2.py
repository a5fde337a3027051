import socket


def restart(port):
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    listener.listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener
