def read_exactly(sock, n):
    data = sock.recv(n)
    if len(data) < n:
        data += sock.recv(n - len(data))
    if len(data) < n:
        raise EOFError
    return data
