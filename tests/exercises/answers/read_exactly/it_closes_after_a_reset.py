def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        try:
            piece = sock.recv(n - len(data))
        except ConnectionError:
            sock.close()
            raise
        if not piece:
            raise EOFError
        data += piece
    return data
