import socket


def restart(port):
    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener
