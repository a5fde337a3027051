def read_lines(sock):
    buffer = b""
    while data := sock.recv(4096):
        buffer += data
        while b"\n" in buffer:
            line, _, buffer = buffer.partition(b"\n")
            yield line[:80]
    if buffer:
        yield buffer[:80]
