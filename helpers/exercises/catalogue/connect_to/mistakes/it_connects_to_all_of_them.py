import socket


def connect_to(host, port):
    sockets = []
    for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, proto)
        sock.connect(address)
        sockets.append(sock)
    return sockets[0]
