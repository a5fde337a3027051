import socket


def connect_to(host, port):
    try:
        return socket.create_connection((host, port))
    except socket.gaierror:
        return None
