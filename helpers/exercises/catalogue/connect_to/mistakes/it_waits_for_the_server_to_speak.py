import socket


def connect_to(host, port):
    sock = socket.create_connection((host, port))
    sock.recv(1024)
    return sock
