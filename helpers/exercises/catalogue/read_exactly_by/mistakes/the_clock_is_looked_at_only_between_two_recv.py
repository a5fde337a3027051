import time


def read_exactly_by(sock, n, deadline):
    data = b""
    while len(data) < n:
        if time.monotonic() >= deadline:
            raise TimeoutError
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
