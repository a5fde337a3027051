def read_lines(sock):
    buffer = b""
    while data := sock.recv(1024):
        buffer += data
        if b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            yield line
    if buffer:
        yield buffer
