import socket


def connect_to(host, port):
    last = None
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError:
            continue
        try:
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            last = error
    if last is None:
        raise OSError(f"{host} has no address")
    raise last
