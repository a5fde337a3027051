def read_exactly(sock, n):
    """Return exactly n bytes from sock. Raise EOFError if the peer ends before that."""
    data = b""
    while len(data) < n:
        piece = sock.recv(n - len(data))
        if not piece:
            raise EOFError(f"the peer ended after {len(data)} of {n} bytes")
        data += piece
    return data
