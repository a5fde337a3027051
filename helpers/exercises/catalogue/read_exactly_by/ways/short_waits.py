import time


def read_exactly_by(sock, n, deadline):
    """It wakes often, and looks at the clock each time."""
    own = sock.gettimeout()
    data = b""
    try:
        while len(data) < n:
            if time.monotonic() >= deadline:
                raise TimeoutError("the deadline has passed")
            sock.settimeout(min(1, max(deadline - time.monotonic(), 0.001)))
            try:
                piece = sock.recv(n - len(data))
            except TimeoutError:
                continue
            if not piece:
                raise EOFError("the end")
            data += piece
        return data
    finally:
        sock.settimeout(own)
