def read_exactly(sock, n):
    pieces = []
    for _ in range(n):
        piece = sock.recv(1)
        if not piece:
            raise EOFError
        pieces.append(piece)
    return b"".join(pieces)
