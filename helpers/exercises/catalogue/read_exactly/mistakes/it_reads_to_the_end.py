def read_exactly(sock, n):
    data = b""
    while piece := sock.recv(1024):
        data += piece
    return data[:n]
