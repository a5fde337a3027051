import socket


def connect_to(host, port):
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for number, entry in enumerate(entries, 1):
        try:
            sock = socket.socket(*entry[:3])
        except OSError:
            continue
        try:
            sock.connect(entry[4])
            return sock
        except OSError:
            if number == len(entries):
                raise
            sock.close()
    raise OSError("no address")
