import socket


def connect_to(host, port):
    last = OSError("no address")
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    entries.sort(key=lambda entry: entry[0])
    for family, kind, proto, _, address in entries:
        sock = socket.socket(family, kind, proto)
        try:
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last
