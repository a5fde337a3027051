import socket


def open_two():
    tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return tcp, udp
