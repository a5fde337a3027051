def read_exactly(sock, n):
    while n:
        piece = sock.recv(n)
        if not piece:
            raise EOFError
        n -= len(piece)
        yield piece
