import select
import time


def read_exactly_by(sock, n, deadline):
    data = b""
    while len(data) < n:
        left = min(deadline - time.monotonic(), 2)
        if left <= 0 or not select.select([sock], [], [], left)[0]:
            raise TimeoutError
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
