def read_exactly(sock, n):
    data = b""
    while len(data) <= n:
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
