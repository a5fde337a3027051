import random
import socket


def free_listener():
    while True:
        port = random.randrange(20000, 32000)
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
            return listener, port
        except OSError:
            continue
