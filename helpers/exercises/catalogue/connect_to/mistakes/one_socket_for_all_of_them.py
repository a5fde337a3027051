import socket


def connect_to(host, port):
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    sock = socket.socket(*entries[0][:3])
    last = OSError("no address")
    for entry in entries:
        try:
            sock.connect(entry[4])
            return sock
        except OSError as error:
            last = error
    sock.close()
    raise last
