import time


def read_exactly_by(sock, n, deadline):
    if n == 0:
        return b""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    before = sock.gettimeout()
    sock.settimeout(left)
    try:
        piece = sock.recv(n)
    finally:
        sock.settimeout(before)
    if not piece:
        raise EOFError
    return piece + read_exactly_by(sock, n - len(piece), deadline)
