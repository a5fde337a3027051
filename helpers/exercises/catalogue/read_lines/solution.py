def read_lines(sock):
    """Yield each line that the peer sends, as bytes without the newline, until the end."""
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        while b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            yield line
    if buffer:
        yield buffer
