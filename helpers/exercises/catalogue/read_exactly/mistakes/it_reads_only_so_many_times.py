def read_exactly(sock, n):
    data = b""
    for _ in range(1000):
        if len(data) == n:
            return data
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    raise EOFError
