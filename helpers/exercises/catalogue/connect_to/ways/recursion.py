import socket


def try_each(entries):
    family, kind, proto, _, address = entries[0]
    try:
        with socket.socket(family, kind, proto) as sock:
            sock.connect(address)
            return socket.socket(fileno=sock.detach())
    except OSError:
        if len(entries) == 1:
            raise
    return try_each(entries[1:])


def connect_to(host, port):
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    if not entries:
        raise OSError("an empty list")
    return try_each(entries)
