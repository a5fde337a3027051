import select
import time


def read_exactly_by(sock, n, deadline):
    data = b""
    while len(data) < n:
        left = max(0, deadline - time.monotonic())
        if not select.select([sock], [], [], left)[0]:
            raise EOFError
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
