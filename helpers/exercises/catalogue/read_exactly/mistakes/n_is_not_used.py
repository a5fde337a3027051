def read_exactly(sock, n):
    data = b""
    while len(data) < 5:
        piece = sock.recv(5 - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
