import socket


def connect_to(host, port):
    last = OSError("no address")
    for number in range(len(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))):
        entry = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[number]
        sock = socket.socket(*entry[:3])
        try:
            sock.connect(entry[4])
            return sock
        except OSError as error:
            sock.close()
            last = error
    raise last
