import time


def read_exactly_by(sock, n, deadline):
    before = sock.gettimeout()
    data = b""
    try:
        while len(data) < n:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(int(left))
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
    finally:
        sock.settimeout(before)
    return data
