def read_exactly(sock, n):
    while True:
        data = sock.recv(n)
        if not data:
            raise EOFError
        if len(data) >= n:
            return data
