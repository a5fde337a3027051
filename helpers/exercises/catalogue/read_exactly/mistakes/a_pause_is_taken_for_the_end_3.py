import select


def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        ready, _, _ = select.select([sock], [], [], 1)
        piece = sock.recv(n - len(data)) if ready else b""
        if not piece:
            raise EOFError
        data += piece
    return data
