import socket


def read_exactly(sock, n):
    if n:
        sock.recv(n, socket.MSG_PEEK | socket.MSG_WAITALL)
    data = sock.recv(n)
    if len(data) < n:
        raise EOFError(f"{n - len(data)} bytes are missing")
    return data
