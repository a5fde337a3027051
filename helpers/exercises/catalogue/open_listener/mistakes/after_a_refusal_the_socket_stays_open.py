import random
import socket


def open_listener(backlog):
    while True:
        port = random.randrange(20000, 32000)
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(backlog)
            return listener
        except OSError:
            continue
