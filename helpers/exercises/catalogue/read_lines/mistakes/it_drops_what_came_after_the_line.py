def read_lines(sock):
    buffer = b""
    while data := sock.recv(1024):
        buffer += data
        if b"\n" in buffer:
            yield buffer.partition(b"\n")[0]
            buffer = b""
    if buffer:
        yield buffer
