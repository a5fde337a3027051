import select
import socket


def send_all(sock, data):
    rest = memoryview(data)
    while rest:
        try:
            sent = sock.send(rest)
        except BlockingIOError:
            select.select([], [sock], [])
        else:
            rest = rest[sent:]
    sock.shutdown(socket.SHUT_WR)
