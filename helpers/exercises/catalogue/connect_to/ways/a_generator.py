import socket


def sockets_of(host, port, errors):
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError as error:
            errors.append(error)
            continue
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            errors.append(error)
        else:
            yield sock


def connect_to(host, port):
    errors = [OSError("no address")]
    for sock in sockets_of(host, port, errors):
        return sock
    raise errors[-1]
