import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.connect(address[:2])
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last
