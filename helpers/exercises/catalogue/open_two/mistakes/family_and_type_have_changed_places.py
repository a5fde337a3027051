import socket


def open_two():
    tcp = socket.socket(socket.SOCK_STREAM, socket.AF_INET)
    udp = socket.socket(socket.SOCK_DGRAM, socket.AF_INET)
    return tcp, udp
