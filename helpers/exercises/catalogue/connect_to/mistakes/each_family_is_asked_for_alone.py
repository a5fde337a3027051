import socket


def connect_to(host, port):
    last = OSError("no address")
    for family in (socket.AF_INET6, socket.AF_INET):
        for entry in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM):
            sock = socket.socket(*entry[:3])
            try:
                sock.connect(entry[4])
                return sock
            except OSError as error:
                sock.close()
                last = error
    raise last
