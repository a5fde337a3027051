import selectors
import time


def read_exactly_by(sock, n, deadline):
    data = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while len(data) < n:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise TimeoutError
            if not (piece := sock.recv(n - len(data))):
                raise EOFError
            data += piece
    return bytes(data)
