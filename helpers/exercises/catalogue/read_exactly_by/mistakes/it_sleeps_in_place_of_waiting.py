import time


def read_exactly_by(sock, n, deadline):
    before = sock.gettimeout()
    sock.setblocking(False)
    data = b""
    try:
        while len(data) < n:
            if time.monotonic() >= deadline:
                raise TimeoutError
            try:
                piece = sock.recv(n - len(data))
            except BlockingIOError:
                time.sleep(0.01)
                continue
            if not piece:
                raise EOFError
            data += piece
    finally:
        sock.settimeout(before)
    return data
