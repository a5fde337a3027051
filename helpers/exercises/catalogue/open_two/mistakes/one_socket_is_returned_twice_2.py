import socket


def open_two():
    sock = socket.socket()
    return sock, sock
