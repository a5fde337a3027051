import socket


def connect_to(host, port):
    errors = []
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            sock = socket.socket(family, kind, proto)
        except OSError as error:
            errors.append(error)
            continue
        try:
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            errors.append(error)
    raise ExceptionGroup("none connects", errors)
