import time


def read_exactly_by(sock, n, deadline):
    data = b""
    before = sock.gettimeout()
    try:
        while len(data) < n:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            piece = sock.recv(n)
            if not piece:
                raise EOFError
            data += piece
    finally:
        sock.settimeout(before)
    return data
