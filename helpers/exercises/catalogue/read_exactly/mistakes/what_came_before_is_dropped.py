def read_exactly(sock, n):
    while True:
        data = sock.recv(n)
        if len(data) == n:
            return data
