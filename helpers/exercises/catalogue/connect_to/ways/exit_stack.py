import socket
from contextlib import ExitStack


def connect_to(host, port):
    errors = [OSError("getaddrinfo gave no address")]
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        with ExitStack() as stack:
            try:
                sock = stack.enter_context(socket.socket(family, kind, proto))
                sock.connect(address)
            except OSError as error:
                errors.append(error)
                continue
            stack.pop_all()
            return sock
    raise errors[-1]
