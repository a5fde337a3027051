import socket


def connect_to(host, port):
    last = OSError("no address")
    for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:2]:
        try:
            sock = socket.socket(*entry[:3])
        except OSError as error:
            last = error
            continue
        try:
            sock.connect(entry[4])
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last
