import os
import socket


def connect_to(host, port):
    last = None
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError as error:
            last = error
            continue
        number = sock.connect_ex(address)
        if not number:
            return sock
        sock.close()
        last = OSError(number, os.strerror(number))
    raise last or OSError("no address")
