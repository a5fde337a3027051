import socket


def connect_to(host, port):
    sock = socket.create_connection((host, port))
    sock.sendall(b"hello")
    return sock
