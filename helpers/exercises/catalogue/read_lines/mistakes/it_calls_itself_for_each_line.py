def read_lines(sock, buffer=b""):
    while b"\n" not in buffer:
        data = sock.recv(4096)
        if not data:
            if buffer:
                yield buffer
            return
        buffer += data
    line, _, rest = buffer.partition(b"\n")
    yield line
    yield from read_lines(sock, rest)
