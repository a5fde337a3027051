import socket


def open_two():
    tcp = socket.socket(socket.SOCK_STREAM)
    udp = socket.socket(socket.SOCK_DGRAM)
    return tcp, udp
