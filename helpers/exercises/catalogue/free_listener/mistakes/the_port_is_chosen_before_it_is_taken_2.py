import random
import socket


def free_listener():
    port = random.randrange(20000, 32000)
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    return listener, port
