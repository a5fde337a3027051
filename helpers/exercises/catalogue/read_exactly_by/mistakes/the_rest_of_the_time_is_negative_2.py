import select
import time


def read_exactly_by(sock, n, deadline):
    data = b""
    while len(data) < n:
        if not select.select([sock], [], [], deadline - time.monotonic())[0]:
            raise TimeoutError
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
