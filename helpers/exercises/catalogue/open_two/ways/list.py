import socket


def open_two():
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    return [socket.socket(socket.AF_INET, kind) for kind in kinds]
