def read_exactly(sock, n):
    if n == 0:
        return b""
    piece = sock.recv(n)
    if not piece:
        raise EOFError
    return piece + read_exactly(sock, n - len(piece))
