import socket


def connect_to(host, port):
    sock = socket.socket()
    sock.connect((host, port))
    return sock
