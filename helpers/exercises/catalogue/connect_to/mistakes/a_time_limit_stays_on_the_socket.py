import socket


def connect_to(host, port):
    return socket.create_connection((host, port), timeout=5)
