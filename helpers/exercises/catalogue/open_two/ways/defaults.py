import socket


def open_two():
    return socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
