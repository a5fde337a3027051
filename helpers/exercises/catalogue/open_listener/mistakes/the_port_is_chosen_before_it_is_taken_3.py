import random
import socket


def open_listener(backlog):
    return socket.create_server(("127.0.0.1", random.randrange(20000, 32000)), backlog=backlog)
