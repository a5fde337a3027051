import socket


def listen_on_both(port):
    listener = socket.socket()
    listener.bind(("0.0.0.0", port))
    listener.listen()
    return listener
