def read_lines(sock):
    buffer = b""
    while data := sock.recv(1024):
        buffer += data
        if b"\n" in buffer:
            whole, _, buffer = buffer.rpartition(b"\n")
            yield from (whole + b"\n").splitlines()
    if buffer:
        yield buffer
