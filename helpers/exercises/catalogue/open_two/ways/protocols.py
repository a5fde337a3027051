import socket


def open_two():
    return (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP),
    )
