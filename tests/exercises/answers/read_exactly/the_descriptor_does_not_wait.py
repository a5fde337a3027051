import os
import select


def read_exactly(sock, n):
    os.set_blocking(sock.fileno(), False)
    data = b""
    while len(data) < n:
        select.select([sock], [], [])
        try:
            piece = sock.recv(n - len(data))
        except BlockingIOError:
            continue
        if not piece:
            raise EOFError
        data += piece
    return data
