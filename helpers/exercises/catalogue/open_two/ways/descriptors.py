import socket


def open_two():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        return socket.socket(fileno=tcp.detach()), udp.dup()
