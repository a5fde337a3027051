import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            with socket.socket(family, kind, proto) as sock:
                sock.connect(address)
                return sock
        except OSError as error:
            last = error
    raise last
