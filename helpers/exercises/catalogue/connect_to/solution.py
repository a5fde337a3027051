import socket


def connect_to(host, port):
    """Return a socket that is connected to the first address of `host` that can be reached."""
    last = OSError(f"{host} has no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
            try:
                sock.connect(address)
                return sock
            except OSError:
                sock.close()
                raise
        except OSError as error:
            last = error
    raise last
