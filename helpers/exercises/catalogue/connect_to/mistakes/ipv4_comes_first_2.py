import socket


def connect_to(host, port):
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, proto, _, address = entries[-1]
    sock = socket.socket(family, kind, proto)
    sock.connect(address)
    return sock
