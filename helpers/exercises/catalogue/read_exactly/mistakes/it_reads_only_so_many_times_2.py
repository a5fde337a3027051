def read_exactly(sock, n):
    data = b""
    for _ in range(100):
        if len(data) == n:
            break
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
