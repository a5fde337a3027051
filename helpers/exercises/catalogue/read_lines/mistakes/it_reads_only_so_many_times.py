def read_lines(sock):
    buffer = b""
    for _ in range(1000):
        data = sock.recv(4096)
        if not data:
            break
        buffer += data
        *found, buffer = buffer.split(b"\n")
        yield from found
    if buffer:
        yield buffer
