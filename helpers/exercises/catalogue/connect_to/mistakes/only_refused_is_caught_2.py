import socket


def connect_to(host, port):
    last = OSError("no address")
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, proto)
        try:
            sock.connect(address)
            return sock
        except (ConnectionError, TimeoutError) as error:
            sock.close()
            last = error
        except OSError:
            sock.close()
            raise
    raise last
