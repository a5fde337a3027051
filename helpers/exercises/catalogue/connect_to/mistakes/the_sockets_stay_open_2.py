import socket


def connect_to(host, port):
    errors = [OSError("no address")]
    sockets = []
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
            sockets.append(sock)
            sock.connect(address)
            return sock
        except OSError as error:
            errors.append(error)
    raise errors[-1]
