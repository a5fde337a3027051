def read_lines(sock):
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        while b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            yield line
        if len(buffer) >= 4096:
            yield buffer
            buffer = b""
    if buffer:
        yield buffer
