import socket


def open_two():
    tcp = socket.socket(socket.AF_INET)
    udp = socket.socket(socket.AF_INET6)
    return tcp, udp
