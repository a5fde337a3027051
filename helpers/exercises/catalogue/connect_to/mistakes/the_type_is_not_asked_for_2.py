import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, _, _, _, address in socket.getaddrinfo(host, port):
        try:
            sock = socket.socket(family)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last
