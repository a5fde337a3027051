import time


def read_exactly_by(sock, n, deadline):
    before = sock.gettimeout()
    left = deadline - time.monotonic()
    if left <= 0 and n:
        raise TimeoutError
    sock.settimeout(left if left > 0 else before)
    data = b""
    try:
        while len(data) < n:
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError
            data += piece
    finally:
        sock.settimeout(before)
    return data
