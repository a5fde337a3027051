import socket


def connect_to(host, port):
    with socket.create_connection((host, port)) as sock:
        return sock
