import time


def read_exactly_by(sock, n, deadline):
    left = deadline - time.monotonic()
    if left <= 0 and n:
        raise TimeoutError
    before = sock.gettimeout()
    sock.settimeout(left)
    try:
        data = sock.recv(n)
    finally:
        sock.settimeout(before)
    if n and not data:
        raise EOFError
    return data
