def read_lines(sock):
    buffer = b""
    while piece := sock.recv(1024):
        buffer += piece
        while b"\r\n" in buffer:
            line, buffer = buffer.split(b"\r\n", 1)
            yield line
    if buffer:
        yield buffer
