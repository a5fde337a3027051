import socket


def open_two():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        return tcp, udp
