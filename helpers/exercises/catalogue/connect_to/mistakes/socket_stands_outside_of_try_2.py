import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, proto)
        number = sock.connect_ex(address)
        if number == 0:
            return sock
        sock.close()
        last = OSError(number, "connect failed")
    raise last
