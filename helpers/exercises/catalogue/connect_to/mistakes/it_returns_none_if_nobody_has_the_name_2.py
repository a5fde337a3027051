import socket


def connect_to(host, port):
    try:
        return socket.create_connection((host, port))
    except socket.gaierror:
        raise ValueError(f"no such host: {host}") from None
