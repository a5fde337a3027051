import time


def read_exactly_by(sock, n, deadline):
    """Return exactly n bytes from sock. Raise TimeoutError at the deadline."""
    limit = sock.gettimeout()
    data = b""
    try:
        while len(data) < n:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{len(data)} of {n} bytes came in time")
            sock.settimeout(left)
            piece = sock.recv(n - len(data))
            if not piece:
                raise EOFError(f"the peer ended after {len(data)} of {n} bytes")
            data += piece
    finally:
        sock.settimeout(limit)
    return data
