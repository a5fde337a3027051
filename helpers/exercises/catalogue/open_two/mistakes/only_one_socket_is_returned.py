import socket


def open_two():
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    return tcp
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return udp
