def read_exactly(sock, n):
    return sock.recv(n)
