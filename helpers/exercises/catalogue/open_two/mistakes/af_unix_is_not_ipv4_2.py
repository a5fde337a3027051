import socket


def open_two():
    tcp, udp = socket.socketpair()
    return tcp, udp
