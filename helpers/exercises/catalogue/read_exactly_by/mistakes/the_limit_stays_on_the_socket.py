import time


def read_exactly_by(sock, n, deadline):
    data = b""
    while len(data) < n:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
