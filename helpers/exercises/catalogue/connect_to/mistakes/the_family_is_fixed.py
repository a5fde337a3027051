import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket()
        sock.connect(address)
        return sock
    raise last
