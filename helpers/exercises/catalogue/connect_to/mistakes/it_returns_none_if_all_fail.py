import socket


def connect_to(host, port):
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError:
            pass
            continue
        try:
            sock.connect(address)
            return sock
        except OSError:
            sock.close()
            pass
    return None
