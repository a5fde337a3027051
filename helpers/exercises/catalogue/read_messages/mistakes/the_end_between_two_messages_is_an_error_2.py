def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError("the peer ended early")
        data += piece
    return data


def read_messages(sock, limit):
    while True:
        length = int.from_bytes(read_exactly(sock, 4), "big")
        if length > limit:
            raise ValueError("too long")
        yield read_exactly(sock, length)
