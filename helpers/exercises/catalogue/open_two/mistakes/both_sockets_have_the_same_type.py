import socket


def open_two():
    tcp = socket.socket()
    udp = socket.socket()
    return tcp, udp
