import socket


def connect_to(host, port):
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
            sock.connect(address)
            return sock
        except OSError:
            sock.close()
            return None
