import socket


def connect_to(host, port):
    for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with socket.socket() as sock:
            sock.connect(entry[4])
            return sock
