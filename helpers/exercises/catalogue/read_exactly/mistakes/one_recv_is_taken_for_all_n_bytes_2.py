def read_exactly(sock, n):
    data = sock.recv(n)
    if len(data) < n:
        raise EOFError
    return data
