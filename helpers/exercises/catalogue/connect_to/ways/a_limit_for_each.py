import socket


def connect_to(host, port):
    last = OSError(f"no address for {host!r}")
    for entry in socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM):
        sock = None
        try:
            sock = socket.socket(*entry[:3])
            sock.settimeout(2)
            sock.connect(entry[4])
            sock.settimeout(None)
            return sock
        except OSError as error:
            last = error
            if sock is not None:
                sock.close()
    raise last
