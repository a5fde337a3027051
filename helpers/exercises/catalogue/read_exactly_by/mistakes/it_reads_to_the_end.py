import time


def read_exactly_by(sock, n, deadline):
    data = b""
    before = sock.gettimeout()
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            piece = sock.recv(1)
            if not piece:
                break
            data += piece
    finally:
        sock.settimeout(before)
    if len(data) < n:
        raise EOFError
    return data[:n]
