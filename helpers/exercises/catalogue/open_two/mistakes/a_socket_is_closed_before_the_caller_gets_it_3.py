import socket


def open_two():
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        return tcp, udp
