def read_exactly(sock, n):
    """Return exactly n bytes from sock. Raise EOFError if the peer ends before that."""
    buffer = bytearray(n)
    rest = memoryview(buffer)
    while rest:
        count = sock.recv_into(rest)
        if count == 0:
            raise EOFError(f"the peer ended, and {len(rest)} of {n} bytes are missing")
        rest = rest[count:]
    return bytes(buffer)
