import random
import socket


def open_listener(backlog):
    listener = socket.socket()
    listener.bind(("127.0.0.1", random.randrange(20000, 32000)))
    listener.listen(backlog)
    return listener
