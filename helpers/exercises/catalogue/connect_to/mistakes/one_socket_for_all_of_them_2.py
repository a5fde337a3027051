import socket


def connect_to(host, port):
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    sock = socket.socket(*entries[0][:3])
    for entry in entries:
        if sock.connect_ex(entry[4]) == 0:
            return sock
    sock.close()
    raise OSError("none connects")
